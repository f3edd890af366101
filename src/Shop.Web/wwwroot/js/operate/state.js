/** Writes how a live part is connected where the page shows it. */
export function showState(text) {
  const shown = document.querySelector('[data-live-state]');
  if (!shown || shown.textContent === text) return;
  shown.textContent = text;
  shown.dataset.state = text.startsWith('reconnecting') ? 'reconnecting' : text;
}

/** What an event says of Redis: 'live', or that it is away. */
export function heard(name) {
  showState(name === 'away' ? 'Redis is away' : 'live');
}
