import { customer } from './api.js';

/**
 * Server-sent events over fetch, because an EventSource cannot send the customer's header. Comes back with the last event's id
 * after a lost connection, so that nothing is missed or repeated; ends when the server ends the stream and `ends` is set.
 * @returns a function that stops listening
 */
export function listen(path, onEvent, { ends = false, onState = () => {} } = {}) {
  const stop = new AbortController();
  run(path, onEvent, ends, onState, stop.signal);
  return () => stop.abort();
}

async function run(path, onEvent, ends, onState, signal) {
  let last = '', retry = 1000;
  while (!signal.aborted) {
    try {
      const response = await fetch(path, { signal, cache: 'no-store', headers: { 'X-Customer': customer(), ...(last && { 'Last-Event-ID': last }) } });
      if (response.status === 204) return;
      if (!response.ok) throw new Error(`${response.status}`);
      onState('live');
      for await (const event of events(response.body)) {
        if (event.retry) retry = Number(event.retry);
        if (event.id) last = event.id;
        if (event.data) onEvent(JSON.parse(event.data));
      }
      if (ends) return;
    } catch {
      if (signal.aborted) return;
    }
    onState('reconnecting…');
    await new Promise(resolve => setTimeout(resolve, retry * (0.75 + Math.random() / 2)));
  }
}

async function* events(body) {
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
      const event = {};
      for (const line of text.slice(0, end).split('\n')) {
        const colon = line.indexOf(':');
        if (colon > 0) event[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
      }
      yield event;
    }
  }
}
