// The keyboard: letters lead to the pages, arrows (or J and K) from row to row, a slash to the filter. Nothing is taken from
// somebody who types into a field, or who holds a modifier.

const help = document.getElementById('keys');
const helpButton = document.getElementById('help');

function rows() {
  return [...document.querySelectorAll('[data-row]')].filter((row) => row.getClientRects().length > 0);
}

function move(by) {
  const all = rows();
  const at = all.indexOf(document.activeElement);
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
  next?.focus();
  return next !== undefined;
}

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  if (event.target.matches('input, select, textarea')) return;
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const page = document.querySelector(`nav [aria-keyshortcuts="${CSS.escape(key)}"]`);
  if (page && !event.shiftKey) page.click();
  else if (key === 'J' || (key === 'ArrowDown' && document.activeElement.matches('[data-row]'))) { if (!move(1)) return; }
  else if (key === 'K' || (key === 'ArrowUp' && document.activeElement.matches('[data-row]'))) { if (!move(-1)) return; }
  else if (key === '/') document.querySelector('.filters input[type="search"]')?.focus();
  else if (key === 'L') document.getElementById('live').click();
  else if (key === 'D') document.getElementById('theme').click();
  else if (key === '?') help.showModal();
  else return;
  event.preventDefault();
});

helpButton.addEventListener('click', () => help.showModal());
helpButton.hidden = false;
