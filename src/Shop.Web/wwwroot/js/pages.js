/**
 * Pages and their modules. An element with data-module="/js/play/game.js" gets that module when its page comes: the module
 * exports enter(element), which may answer a function that runs when the page goes. Enhanced navigation replaces the content of
 * the document and keeps its scripts, so that nothing else would tell a module.
 */
let entered = [];
let turn = 0;

export function watchPages() {
  onPage(change);
}

/** Calls back now and after each enhanced navigation. */
export function onPage(callback) {
  callback();
  globalThis.Blazor?.addEventListener('enhancedload', callback);
}

async function change() {
  const mine = ++turn;
  leave();
  document.documentElement.classList.add('js'); // enhanced navigation takes back what the server did not send
  for (const element of document.querySelectorAll('[data-module]')) {
    const module = await import(new URL(element.dataset.module, document.baseURI).href);
    if (mine !== turn) return; // another page came meanwhile, and it looked for itself
    const left = module.enter(element);
    if (typeof left === 'function') entered.push(left);
  }
  document.documentElement.dataset.page = 'ready'; // modules listen from here on
}

function leave() {
  delete document.documentElement.dataset.page;
  for (const left of entered.splice(0)) left();
}

addEventListener('pagehide', event => { if (!event.persisted) leave(); });
