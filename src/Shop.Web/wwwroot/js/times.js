import { onPage } from './pages.js';

const formats = {
  time: new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
  full: new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' }),
};

/** The server writes times in UTC; with script they are the visitor's own. */
export function watchTimes() {
  onPage(() => localise(document));
}

/** Rewrites the times of an element; data-time says how: time or full. */
export function localise(element) {
  for (const time of element.querySelectorAll('time[data-time]')) time.textContent = written(time.dateTime, time.dataset.time);
}

export function written(at, format = 'time') {
  return formats[format].format(new Date(at));
}
