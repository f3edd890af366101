// Closes and opens what hangs below a span. What is closed is kept by the span's id, and so outlives a live update.

const closed = new Set();

function apply(root) {
  let hiddenBelow = Infinity;
  for (const row of root.querySelectorAll('.waterfall > li')) {
    const depth = Number(row.dataset.depth);
    if (depth <= hiddenBelow) hiddenBelow = Infinity;
    row.hidden = hiddenBelow !== Infinity;
    if (!row.hasAttribute('aria-expanded')) continue;
    const isClosed = closed.has(row.id);
    row.setAttribute('aria-expanded', String(!isClosed));
    row.querySelector('.fold').setAttribute('aria-label', isClosed ? 'Open what hangs below' : 'Close what hangs below');
    if (isClosed && !row.hidden) hiddenBelow = depth;
  }
}

function set(row, isClosed) {
  if (!row.hasAttribute('aria-expanded') || closed.has(row.id) === isClosed) return false;
  if (isClosed) closed.add(row.id);
  else closed.delete(row.id);
  apply(document);
  return true;
}

function parentOf(row) {
  let above = row;
  do above = above.previousElementSibling;
  while (above && Number(above.dataset.depth) >= Number(row.dataset.depth));
  return above;
}

document.addEventListener('click', (event) => {
  const fold = event.target.closest('.fold');
  if (fold) {
    event.preventDefault(); // the row itself stays as it is
    const row = fold.closest('li');
    set(row, !closed.has(row.id));
    return;
  }
  const all = event.target.closest('[data-fold]');
  if (!all) return;
  closed.clear();
  if (all.dataset.fold === 'all') {
    for (const row of document.querySelectorAll('.waterfall > li[aria-expanded]')) if (row.dataset.depth !== '0') closed.add(row.id);
  }
  apply(document);
});

document.addEventListener('keydown', (event) => {
  const row = event.target.matches('.waterfall summary') ? event.target.closest('li') : undefined;
  if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'ArrowLeft') {
    if (!set(row, true)) parentOf(row)?.querySelector('summary').focus();
  } else if (event.key === 'ArrowRight') {
    set(row, false);
  } else {
    return;
  }
  event.preventDefault();
});

// A link into a closed part opens the way to it.
function reveal() {
  for (let row = document.getElementById(decodeURIComponent(location.hash.slice(1))); row?.matches('.waterfall > li'); row = parentOf(row)) closed.delete(row.id);
  apply(document);
}

addEventListener('hashchange', reveal);
addEventListener('replacing', (event) => { apply(event.detail.next); show(event.detail.next); });
reveal();

function show(root) {
  for (const button of root.querySelectorAll('[data-fold]')) button.hidden = false;
}

show(document);
