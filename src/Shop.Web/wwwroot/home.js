import { call, customer, onCustomer } from './api.js';
import { listen } from './live.js';

const orders = document.querySelector('#orders');
const feed = document.querySelector('#feed');
const message = document.querySelector('#message');
const points = document.querySelector('#points');
const connection = document.querySelector('#connection');
let stops = [];

document.querySelector('#products').addEventListener('click', event => {
  const button = event.target.closest('button[data-sku]');
  if (button) order(button.dataset.sku);
});
onCustomer(follow);
follow();

async function order(sku) {
  message.textContent = '';
  try {
    const placed = await call('/api/orders', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
      body: JSON.stringify({ lines: [{ sku, quantity: 1 }], card: new FormData(document.querySelector('#card')).get('card') }),
    });
    show(placed);
  } catch (error) {
    message.textContent = error.message;
  }
}

/** Adds an order at the top and follows it until it is settled. */
function show(placed) {
  const item = element('li');
  const steps = element('div', 'steps');
  item.append(`${placed.lines.map(line => `${line.quantity} × ${line.name}`).join(', ')} — ${placed.total.toFixed(2)} ${placed.currency}`, steps);
  orders.prepend(item);
  stops.push(listen(`/api/orders/${placed.id}/live`, step => {
    const chip = element('span', '', step.status);
    chip.dataset.status = step.status;
    chip.title = [new Date(step.at).toLocaleTimeString(), step.reason].filter(Boolean).join(' — ');
    steps.append(chip);
  }, { ends: true }));
}

/** Shows everything of the present customer, from the beginning. */
function follow() {
  stops.forEach(stop => stop());
  stops = [];
  orders.replaceChildren();
  feed.replaceChildren();
  const me = customer();
  call('/api/orders').then(list => { if (me === customer()) list.items.slice(0, 5).reverse().forEach(show); }, error => { message.textContent = error.message; });
  stops.push(listen('/api/notifications/live', notification => {
    const item = element('li');
    const time = element('time', '', new Date(notification.at).toLocaleTimeString());
    time.dateTime = notification.at;
    item.append(element('div', '', notification.text), time);
    feed.prepend(item);
    while (feed.children.length > 8) feed.lastChild.remove();
    clearTimeout(follow.timer);
    follow.timer = setTimeout(standing, 300);
  }, { onState: state => { connection.textContent = state; } }));
  standing();
}

async function standing() {
  try {
    const { me } = await call('/api/games/loyalty/leaderboard/me?around=0');
    points.textContent = `${me.score} loyalty points, rank ${me.rank}`;
  } catch {
    points.textContent = 'No loyalty points yet';
  }
}

function element(name, className = '', text = '') {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}
