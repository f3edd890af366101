import { listen } from '../../live.js';
import { Chart } from './charts.js';
import { showState } from './state.js';

/** A burst as it runs, or ran last. Samples are numbered, so that a new connection repeats nothing. */
export function enter(root) {
  const rate = new Chart(root.querySelector('#chart-rate'), { series: 1, unit: ' a second', name: 'Orders paid a second', height: 100 });
  const latency = new Chart(root.querySelector('#chart-latency'), { series: 4, unit: ' ms', name: 'Latency of placing and until paid', height: 100 });
  const figure = (name, value) => { root.querySelector(`[data-figure=${name}]`).textContent = value; };
  const milliseconds = value => value === null ? '–' : `${Math.round(value)} ms`;
  let last = { id: '', number: 0 };

  return listen('/api/operations/burst/live', sample => {
    if (sample.id === last.id && sample.number <= last.number) return;
    if (sample.id !== last.id) { rate.clear(); latency.clear(); }
    last = sample;
    rate.push(sample.paidPerSecond);
    latency.push(sample.paidP50, sample.paidP95, sample.placeP50, sample.placeP95);
    figure('placed', sample.placed);
    figure('paid', sample.paid);
    figure('failed', sample.failed);
    figure('rate', sample.paidPerSecond.toFixed(1));
    figure('place', milliseconds(sample.placeP50));
    figure('pay', milliseconds(sample.paidP50));
    root.querySelector('#burst-progress').value = 100 * (sample.paid + sample.failed) / sample.orders;
    root.querySelector('#stop').hidden = sample.ended;
    const said = root.querySelector('#burst-said');
    const text = sample.ended ? `The last burst ended: ${sample.paid} of ${sample.orders} orders paid.` : `A burst of ${sample.orders} orders runs.`;
    if (said.textContent !== text) said.textContent = text;
  }, { onState: showState });
}
