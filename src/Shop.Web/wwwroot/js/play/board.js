import { listen } from '../../live.js';

const slide = { duration: 450, easing: 'ease-out' };

/** A leaderboard that moves as scores arrive. Its tabs change what is followed, without leaving the page (and the run on it). */
export function enter(board) {
  const tabs = board.querySelector('.tabs');
  let stop = follow(board, board.dataset.window);

  function choose(event) {
    const tab = event.target.closest('a[data-window]');
    if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    for (const each of tabs.querySelectorAll('a')) each.removeAttribute('aria-current');
    tab.setAttribute('aria-current', 'true');
    stop();
    stop = follow(board, tab.dataset.window);
  }

  tabs.addEventListener('click', choose);
  return () => { stop(); tabs.removeEventListener('click', choose); };
}

function follow(board, window) {
  const state = board.querySelector('.live-state');
  let first = true;
  return listen(`/api/games/${board.dataset.game}/leaderboard/live?window=${window}&top=${board.dataset.top}`, view => {
    show(board, view, !first);
    first = false;
  }, { onState: text => { state.textContent = text; state.dataset.state = text.startsWith('reconnecting') ? 'reconnecting' : text; } });
}

/** Puts every row where it belongs; one that was elsewhere slides there. */
function show(board, view, moving) {
  const body = board.querySelector('tbody');
  const rows = new Map([...body.rows].map(row => [row.dataset.customer, row]));
  const before = new Map([...rows].map(([customer, row]) => [customer, row.getBoundingClientRect().top]));
  const still = !moving || matchMedia('(prefers-reduced-motion: reduce)').matches;
  const entries = [...view.top, ...view.around];
  const me = entries.findIndex(entry => entry.customer === view.customer);
  const near = i => me >= 0 && i !== me && Math.abs(i - me) <= Number(board.dataset.neighbours);

  body.replaceChildren(...entries.map((entry, i) => {
    const row = rows.get(entry.customer) ?? make(entry.customer);
    row.classList.toggle('far', i === view.top.length);
    row.toggleAttribute('data-me', i === me);
    row.toggleAttribute('data-near', near(i));
    write(row, entry, i === me);
    return row;
  }));
  board.querySelector('table').hidden = entries.length === 0;
  board.querySelector('.board-empty').hidden = entries.length > 0;
  if (still) return;

  for (const row of body.rows) {
    const from = before.get(row.dataset.customer);
    const by = from === undefined ? 0 : from - row.getBoundingClientRect().top;
    if (from === undefined) row.animate([{ opacity: 0 }, { opacity: 1 }], slide);
    else if (by !== 0) row.animate([{ transform: `translateY(${by}px)` }, { transform: 'none' }], slide);
  }
}

function make(customer) {
  const row = document.createElement('tr');
  row.dataset.customer = customer;
  const name = document.createElement('th');
  name.scope = 'row';
  name.className = 'name';
  row.append(cell('rank number'), name, cell('points number'));
  return row;
}

function write(row, entry, me) {
  row.querySelector('.rank').textContent = entry.rank;
  row.querySelector('.points').textContent = entry.score.toLocaleString('en');
  const name = row.querySelector('.name');
  name.textContent = entry.name ?? 'Somebody who left';
  if (!me) return;
  const you = document.createElement('span');
  you.className = 'badge';
  you.textContent = 'you';
  name.append(you);
}

function cell(className) {
  const made = document.createElement('td');
  made.className = className;
  return made;
}
