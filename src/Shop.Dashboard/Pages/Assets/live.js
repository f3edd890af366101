// Keeps a page current: when the server says that something new is stored that the page shows, the page is fetched again and
// its parts marked data-live are replaced, if they differ. What the reader has opened stays open, and focus and scrolling stay
// where they were. While text is selected nothing moves. A hidden page hangs up, since a browser keeps only six connections
// to one server.

const button = document.getElementById('live');
const shown = new Map();
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
    if (response.redirected && new URL(response.url).pathname === '/login') return location.reload();
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
    for (const part of document.querySelectorAll('[data-live][id]')) {
      const next = fresh.getElementById(part.id);
      if (next && shown.get(part.id) !== next.outerHTML) replace(part, next);
    }
  } catch {
    button.dataset.state = 'lost';
  } finally {
    busy = false;
  }
  if (missed) refresh();
}

function replace(part, next) {
  shown.set(part.id, next.outerHTML);
  const focused = part.contains(document.activeElement) ? identify(document.activeElement) : undefined;
  for (const details of part.querySelectorAll('details[id]')) {
    const same = next.querySelector(`#${CSS.escape(details.id)}`);
    if (same) same.open = details.open;
  }
  const tail = part.querySelector('[data-tail]');
  const place = tail && { top: tail.scrollTop, atEnd: tail.scrollHeight - tail.scrollTop - tail.clientHeight < 40 };
  dispatchEvent(new CustomEvent('replacing', { detail: { part, next } }));
  part.replaceWith(document.adoptNode(next));
  markTarget();
  if (place) {
    const again = next.querySelector('[data-tail]');
    if (again) again.scrollTop = place.atEnd ? again.scrollHeight : place.top;
  }
  if (focused) next.querySelector(focused)?.focus({ preventScroll: true });
}

// A way to find the same element in the next version of the page.
function identify(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const owner = element.closest('[id]');
  const tag = element.localName;
  const href = element.getAttribute('href');
  const label = element.getAttribute('aria-label');
  const self = href ? `${tag}[href="${CSS.escape(href)}"]` : label ? `${tag}[aria-label="${CSS.escape(label)}"]` : tag;
  return owner ? `#${CSS.escape(owner.id)} ${self}` : self;
}

function listen() {
  if (source || document.hidden || button.getAttribute('aria-pressed') !== 'true') return;
  source = new EventSource(`/events?watch=${document.body.dataset.watch}`);
  source.addEventListener('change', refresh);
  source.addEventListener('open', () => { button.dataset.state = 'open'; });
  source.addEventListener('error', () => { button.dataset.state = 'lost'; });
}

function hangUp() {
  source?.close();
  source = undefined;
}

// What the address points at; the browser's own :target is lost when a live update brings the element anew.
function markTarget() {
  for (const before of document.querySelectorAll('.target')) before.classList.remove('target');
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  target?.classList.add('target');
  return target;
}

// A link to a span, a record or a box opens it.
function openTarget() {
  const target = markTarget();
  const details = target?.matches('details') ? target : target?.querySelector('details');
  if (details) details.open = true;
}

function scrollTails() {
  for (const tail of document.querySelectorAll('[data-tail]')) tail.scrollTop = tail.scrollHeight;
}

openTarget();
scrollTails();
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
