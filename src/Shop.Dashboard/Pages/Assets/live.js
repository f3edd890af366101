// Keeps a page current: when the server says that something new is stored, the page is fetched again and its parts
// marked data-live are replaced. What the reader has opened stays open, and focus stays where it was.

const button = document.getElementById('live');
let source;
let busy = false;

async function refresh() {
  if (busy || document.hidden || !document.getSelection().isCollapsed) return;
  busy = true;
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' } });
    if (!response.ok) return;
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
    for (const part of document.querySelectorAll('[data-live][id]')) {
      const next = fresh.getElementById(part.id);
      if (next) replace(part, next);
    }
  } finally {
    busy = false;
  }
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
  source = new EventSource('/events');
  source.addEventListener('change', refresh);
  source.addEventListener('open', () => { button.dataset.state = 'open'; });
  source.addEventListener('error', () => { button.dataset.state = 'lost'; });
}

button.hidden = false;
listen();
document.addEventListener('visibilitychange', () => { if (source && !document.hidden) refresh(); });
button.addEventListener('click', () => {
  const on = button.getAttribute('aria-pressed') !== 'true';
  button.setAttribute('aria-pressed', String(on));
  if (on) {
    listen();
    refresh();
  } else {
    source.close();
    source = undefined;
  }
});
