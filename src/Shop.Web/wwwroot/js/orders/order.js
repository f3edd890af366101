import { listen } from '../../live.js';
import { written } from '../times.js';

const kinds = { Placed: 'info', Paid: 'good', Declined: 'bad', Cancelled: 'warn', Refunded: 'warn' };
const words = {
  Placed: 'We have your order, and its stock is yours.',
  Paid: 'The money is here. Thank you!',
  Declined: 'The card was refused, and the stock went back. Nothing was taken.',
  Cancelled: 'The order ended, and the stock went back.',
  Refunded: 'Your money is on its way back to you.',
};
const states = { live: 'live', 'reconnecting…': 'reconnecting' };

/** Follows one order. The stream ends when the order is settled; what still happens then (a refund) is heard of by its notification. */
export function enter(page) {
  const id = page.dataset.order;
  let last = Number(page.dataset.last);
  let stop = () => {};

  function follow() {
    stop();
    stop = listen(`/api/orders/${id}/live`, step => {
      if (step.version <= last) return;
      last = step.version;
      add(page, step);
    }, { ends: true, after: last, onState: state => show(page, state) });
  }

  const hear = event => { if (event.detail.orderId === id) follow(); };
  document.addEventListener('shop:notification', hear);
  if (page.dataset.status === 'Placed' || page.dataset.status === 'Cancelled') follow();
  return () => {
    stop();
    document.removeEventListener('shop:notification', hear);
  };
}

function add(page, step) {
  const item = document.createElement('li');
  item.className = `step ${kinds[step.status]} step-new`;
  item.dataset.version = step.version;
  const at = written(step.at);
  item.append(made('span', 'postmark', at), texts(step, at));
  item.firstChild.setAttribute('aria-hidden', 'true');
  page.querySelector('#steps').append(item);
  page.dataset.status = step.status;
  const badge = page.querySelector('#status');
  badge.textContent = step.status;
  badge.className = `badge ${kinds[step.status]}`;
  page.querySelector('#next')?.remove();
  if (step.status !== 'Placed' && step.status !== 'Paid') page.querySelector('#cancel')?.remove();
}

function texts(step, at) {
  const box = made('div');
  box.append(made('h3', '', step.status), made('p', '', words[step.status]));
  if (step.reason) box.append(made('p', 'quiet', step.reason));
  box.append(made('p', 'visually-hidden', `At ${at}`));
  return box;
}

function show(page, state) {
  const live = page.querySelector('#live');
  live.dataset.state = states[state] ?? '';
  live.textContent = state === 'live' ? 'Live' : state;
}

function made(name, className = '', text = '') {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}
