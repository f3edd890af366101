import { written } from '../times.js';

/** Shows what comes at the top of the list. */
export function enter(feed) {
  const hear = event => {
    if (!feed.querySelector(`[data-sequence="${event.detail.sequence}"]`)) feed.prepend(item(event.detail));
  };
  document.addEventListener('shop:notification', hear);
  return () => document.removeEventListener('shop:notification', hear);
}

function item({ sequence, text, orderId, at }) {
  const made = document.createElement('li');
  made.className = 'feed-item unread';
  made.dataset.sequence = sequence;
  const mark = document.createElement('span');
  mark.className = 'feed-mark';
  const box = document.createElement('div');
  const line = document.createElement('p');
  const badge = document.createElement('span');
  badge.className = 'badge info';
  badge.textContent = 'New';
  line.append(badge, ` ${text} `);
  if (orderId) {
    const link = document.createElement('a');
    link.href = `/orders/${encodeURIComponent(orderId)}`;
    link.textContent = 'See the order';
    line.append(link);
  }
  const when = document.createElement('p');
  when.className = 'quiet small-text';
  when.textContent = written(at, 'full');
  box.append(line, when);
  made.append(mark, box);
  return made;
}
