import { onPage } from './pages.js';

/** Menus close when the visitor goes on, clicks elsewhere, or presses Escape. */
export function watchMenus() {
  onPage(() => close());
  document.addEventListener('click', event => close(event.target.closest('[data-menu]')));
  document.addEventListener('keydown', event => {
    const menu = event.key === 'Escape' && document.querySelector('[data-menu][open]');
    if (!menu) return;
    close();
    menu.querySelector('summary').focus();
  });
}

function close(but) {
  for (const menu of document.querySelectorAll('[data-menu][open]')) if (menu !== but) menu.open = false;
}
