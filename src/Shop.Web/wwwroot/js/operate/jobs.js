import { listen } from '../../live.js';
import { heard, showState } from './state.js';

const states = ['scheduled', 'queued', 'running', 'succeeded', 'dead', 'cancelled'];

/** Queues and running jobs, as they are each second. */
export function enter(root) {
  return listen('/api/operations/live', (snapshot, event) => {
    heard(event);
    if (!snapshot) return;
    for (const queue of snapshot.queues) showQueue(root, queue);
    showRunning(root, snapshot.running);
  }, { onState: showState });
}

function showQueue(root, queue) {
  const row = root.querySelector(`[data-queue="${CSS.escape(queue.queue)}"]`);
  if (!row) return;
  for (const state of states) {
    const link = row.querySelector(`[data-count=${state}]`);
    link.textContent = queue[state];
    if (state === 'dead') link.classList.toggle('is-bad', queue.dead > 0);
  }
  row.querySelector('[data-oldest]').textContent = `${queue.oldestQueuedSeconds.toFixed(1)} s`;
  row.querySelector('[data-workers]').textContent = queue.workers;
}

function showRunning(root, running) {
  const list = root.querySelector('#running');
  const known = new Map([...list.children].map(item => [item.dataset.job, item]));
  list.replaceChildren(...running.map(job => write(known.get(job.id) ?? make(job), job)));
  root.querySelector('#idle').hidden = running.length > 0;
}

function make(job) {
  const item = document.createElement('li');
  item.dataset.job = job.id;
  const name = document.createElement('span');
  name.textContent = `${job.queue} · ${job.type}`;
  const bar = document.createElement('progress');
  bar.max = 100;
  bar.setAttribute('aria-label', `Progress of ${job.type}`);
  const said = document.createElement('span');
  said.className = 'quiet small-text';
  item.append(name, bar, said);
  return item;
}

function write(item, job) {
  const bar = item.querySelector('progress');
  if (job.percent === null) bar.removeAttribute('value'); else bar.value = job.percent;
  item.lastElementChild.textContent = job.message ?? '';
  return item;
}
