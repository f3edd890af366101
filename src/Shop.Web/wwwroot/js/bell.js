import { listen } from '../live.js';
import { onPage } from './pages.js';

const most = 100;
const channel = new BroadcastChannel('shop-notifications');
let following; // whose notifications this tab follows, and up to which they were read
let stop = () => {};

/**
 * The unread count, live. A browser has few connections to one server, so that one tab holds the stream (whoever has the lock)
 * and tells the others; each counts what is newer than the last that was read.
 */
export function watchBell() {
  channel.onmessage = event => hear(event.data);
  onPage(() => {
    const bell = document.querySelector('#bell');
    const name = document.querySelector('#signed-in-as')?.textContent;
    if (!bell) return leave();
    show(bell, Number(bell.querySelector('[data-count]').textContent.replace('+', '')));
    if (following?.name === name) return void (following.read = Math.max(following.read, Number(bell.dataset.read)));
    leave();
    following = { name, read: Number(bell.dataset.read), last: Number(bell.dataset.read) };
    following.last += count(bell);
    hold(following);
  });
}

function hold(mine) {
  const end = new AbortController();
  stop = () => end.abort();
  navigator.locks.request(`shop-notifications-${mine.name}`, { signal: end.signal }, () => new Promise(done => {
    const unlisten = listen('/api/notifications/live', item => { channel.postMessage(item); hear(item); }, {
      after: mine.last,
      onState: state => { if (state === 'signed out') { channel.postMessage(state); hear(state); } },
    });
    stop = () => { unlisten(); done(); };
  })).catch(error => { if (error.name !== 'AbortError') throw error; });
}

function leave() {
  stop();
  stop = () => {};
  following = undefined;
}

function hear(item) {
  if (!following) return;
  if (item === 'signed out') return signedOut();
  if (item.sequence <= following.last) return;
  following.last = item.sequence;
  const bell = document.querySelector('#bell');
  if (bell) show(bell, count(bell) + 1);
  document.dispatchEvent(new CustomEvent('shop:notification', { detail: item }));
}

/** This session was ended elsewhere: what stands here is not for whoever sits here now. */
function signedOut() {
  leave();
  location.assign(`/sign-in?ended=true&return=${encodeURIComponent(location.pathname + location.search)}`);
}

function count(bell) {
  return Number(bell.querySelector('[data-count]').textContent.replace('+', '')) || 0;
}

function show(bell, unread) {
  const badge = bell.querySelector('[data-count]');
  const text = unread >= most ? `${most - 1}+` : `${unread}`;
  badge.textContent = text;
  badge.hidden = unread === 0;
  bell.setAttribute('aria-label', unread === 0 ? 'Notifications' : `Notifications, ${text} unread`);
}
