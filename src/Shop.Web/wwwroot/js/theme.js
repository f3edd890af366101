/** Changes the colours without a request; the cookie tells the server for the next page. */
export function watchTheme() {
  document.addEventListener('click', event => {
    const button = event.target.closest('[data-theme-to]');
    if (!button) return;
    event.preventDefault();
    const theme = button.dataset.themeTo;
    document.documentElement.dataset.theme = theme;
    document.cookie = `shop-theme=${theme}; path=/; max-age=31536000; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`;
    document.querySelector(`[data-theme-to]:not([data-theme-to=${theme}])`)?.focus();
  });
}
