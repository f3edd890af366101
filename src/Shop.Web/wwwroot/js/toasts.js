import { onPage } from './pages.js';

const shown = 6000;

/** A toast that the server sent goes by itself. */
export function watchToasts() {
  onPage(() => { for (const made of document.querySelectorAll('#toasts .toast')) fade(made); });
}

/** Says something that a live part has to say. */
export function toast(text, kind = '') {
  const made = document.createElement('p');
  made.className = `toast ${kind}`;
  made.textContent = text;
  document.querySelector('#toasts').append(made);
  fade(made);
}

function fade(made) {
  setTimeout(() => made.remove(), shown);
}
