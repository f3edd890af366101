// Before anything is drawn, so that a page does not flash: the scheme that the reader chose, or the system's.
(function () {
  const themes = ['auto', 'light', 'dark'];
  const root = document.documentElement;
  root.dataset.theme = localStorage.getItem('theme') ?? 'auto';
  window.addEventListener('DOMContentLoaded', () => {
    const button = document.getElementById('theme');
    if (!button) return;
    const show = () => { button.textContent = { auto: 'Auto', light: 'Light', dark: 'Dark' }[root.dataset.theme]; };
    button.addEventListener('click', () => {
      root.dataset.theme = themes[(themes.indexOf(root.dataset.theme) + 1) % themes.length];
      localStorage.setItem('theme', root.dataset.theme);
      show();
    });
    show();
    button.hidden = false;
  });
})();
