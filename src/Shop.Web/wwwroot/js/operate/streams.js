import { listen } from '../../live.js';
import { Chart } from './charts.js';
import { heard, showState } from './state.js';

/** Streams and groups, as they are each second. */
export function enter(root) {
  const charts = new Map();
  for (const group of root.querySelectorAll('.group')) {
    const name = group.dataset.group, stream = group.closest('.stream').dataset.stream;
    charts.set(group, new Chart(group.querySelector('[data-chart]'), { series: 2, name: `Lag and pending of ${name} on ${stream} in the last two minutes` }));
  }

  return listen('/api/operations/live', (snapshot, event) => {
    heard(event);
    if (snapshot) show(root, charts, snapshot);
  }, { onState: showState });
}

function show(root, charts, { streams, queues, locks }) {
  const groups = streams.flatMap(stream => stream.groups);
  const total = (name, value) => { const shown = root.querySelector(`[data-total=${name}]`); (shown.querySelector('a') ?? shown).textContent = number(value); };
  total('length', sum(streams, stream => stream.length));
  total('lag', sum(groups, group => group.lag ?? 0));
  total('pending', sum(groups, group => group.pending));
  total('dead', sum(streams, stream => stream.deadLetters));
  total('running', sum(queues, queue => queue.running));
  total('locks', locks);
  for (const stream of streams) {
    const card = root.querySelector(`.stream[data-stream="${CSS.escape(stream.stream)}"]`);
    if (!card) continue;
    card.querySelector('[data-length]').textContent = number(stream.length);
    card.querySelector('[data-dead]').textContent = number(stream.deadLetters);
    for (const group of stream.groups) {
      const shown = card.querySelector(`.group[data-group="${CSS.escape(group.group)}"]`);
      if (!shown) continue; // a group that is new: the next page has it
      shown.querySelector('[data-lag]').textContent = group.lag === null ? '?' : number(group.lag);
      shown.querySelector('[data-pending]').textContent = number(group.pending);
      shown.querySelector('[data-oldest]').textContent = `${group.oldestPendingSeconds.toFixed(1)} s`;
      shown.querySelector('[data-consumers]').textContent = number(group.consumers.length);
      charts.get(shown).push(group.lag, group.pending);
    }
  }
}

const number = value => value.toLocaleString('en');
const sum = (items, of) => items.reduce((total, item) => total + of(item), 0);
