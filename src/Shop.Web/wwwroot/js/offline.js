/** Says so while there is no network. */
export function watchConnection() {
  const show = () => { document.querySelector('#offline').hidden = navigator.onLine; };
  addEventListener('online', show);
  addEventListener('offline', show);
  show();
}
