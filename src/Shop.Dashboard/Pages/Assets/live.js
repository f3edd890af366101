// Keeps a page current: when the server says that something new is stored, the page is fetched again and its parts
// marked data-live are replaced. What the reader has opened stays open, and focus stays where it was. While text is
// selected nothing moves. A hidden page hangs up, since a browser keeps only six connections to one server.

const button = document.getElementById('live');
let source;
let busy = false;
let missed = false;

async function refresh() {
  if (busy || !document.getSelection().isCollapsed) {
    missed = true;
    return;
  }
  busy = true;
  missed = false;
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' } });
    if (!response.ok) return;
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
    for (const part of document.querySelectorAll('[data-live][id]')) {
      const next = fresh.getElementById(part.id);
      if (next) replace(part, next);
    }
  } catch {
    button.dataset.state = 'lost';
  } finally {
    busy = false;
  }
  if (missed) refresh();
}

function replace(part, next) {
  const focused = part.contains(document.activeElement) ? document.activeElement.closest('[id]')?.id : undefined;
  for (const open of part.querySelectorAll('details[id][open]')) {
    const same = next.querySelector(`#${CSS.escape(open.id)}`);
    if (same) same.open = true;
  }
  part.replaceWith(document.adoptNode(next));
  if (focused) {
    const again = document.getElementById(focused);
    (again?.querySelector('summary') ?? again)?.focus({ preventScroll: true });
  }
}

function listen() {
  if (source || document.hidden || button.getAttribute('aria-pressed') !== 'true') return;
  source = new EventSource('/events');
  source.addEventListener('change', refresh);
  source.addEventListener('open', () => { button.dataset.state = 'open'; });
  source.addEventListener('error', () => { button.dataset.state = 'lost'; });
}

function hangUp() {
  source?.close();
  source = undefined;
}

// A link to a span opens it.
function openTarget() {
  const details = document.getElementById(decodeURIComponent(location.hash.slice(1)))?.querySelector('details');
  if (details) details.open = true;
}

openTarget();
addEventListener('hashchange', openTarget);
document.addEventListener('selectionchange', () => { if (missed && document.getSelection().isCollapsed) refresh(); });
document.addEventListener('visibilitychange', () => {
  if (document.hidden) return hangUp();
  listen();
  if (source) refresh();
});
button.addEventListener('click', () => {
  const on = button.getAttribute('aria-pressed') !== 'true';
  button.setAttribute('aria-pressed', String(on));
  if (!on) return hangUp();
  listen();
  refresh();
});
button.hidden = false;
listen();
