/**
 * Server-sent events over fetch, because an EventSource gives up for good when a replica that is just ending answers with 503.
 * Comes back with the last event's id after a lost connection, so that nothing is missed or repeated; ends when the server ends
 * the stream and `ends` is set, and when nobody is signed in any more. `after` is the id of the last event that the page shows already.
 * `onEvent` gets the data and the name of each event.
 * @returns a function that stops listening
 */
export function listen(path, onEvent, { ends = false, after = '', onState = () => {} } = {}) {
  const stop = new AbortController();
  run(path, onEvent, `${after}`, ends, onState, stop.signal);
  return () => stop.abort();
}

/** The server says something every 15 seconds: who hears nothing for longer than this is not connected, whatever the socket says. */
const silence = 40_000;

async function run(path, onEvent, last, ends, onState, signal) {
  let retry = 1000;
  while (!signal.aborted) {
    const connection = new Connection(signal);
    try {
      const response = await fetch(path, { signal: connection.signal, cache: 'no-store', headers: last ? { 'Last-Event-ID': last } : {} });
      if (response.status === 204) return;
      if (response.status === 401) return onState('signed out');
      if (!response.ok) throw new Error(`${response.status}`);
      onState('live');
      for await (const event of events(response.body, () => connection.heard())) {
        if (event.retry) retry = Number(event.retry);
        if (event.id) last = event.id;
        if (event.data) onEvent(JSON.parse(event.data), event.event);
      }
      if (ends) return;
    } catch {
      if (signal.aborted) return;
    } finally {
      connection.end();
    }
    onState('reconnecting…');
    await pause(retry * (0.75 + Math.random() / 2));
  }
}

/** One try: given up when the listener stops, the network goes, or the server falls silent. */
class Connection {
  constructor(signal) {
    this.over = new AbortController();
    this.signal = AbortSignal.any([signal, this.over.signal]);
    this.drop = () => this.over.abort();
    addEventListener('offline', this.drop);
    this.heard();
  }

  heard() {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.drop, silence);
  }

  end() {
    clearTimeout(this.timer);
    removeEventListener('offline', this.drop);
  }
}

/** Waits, but not when the network has just come back. */
function pause(milliseconds) {
  return new Promise(resolve => {
    const done = () => { clearTimeout(timer); removeEventListener('online', done); resolve(); };
    const timer = setTimeout(done, milliseconds);
    addEventListener('online', done);
  });
}

async function* events(body, onChunk) {
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    onChunk();
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
