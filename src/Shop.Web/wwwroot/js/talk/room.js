import { call } from '../../api.js';
import { listen } from '../../live.js';
import { localise } from '../times.js';
import { toast } from '../toasts.js';

const typingEvery = 3000;
const near = 80;

/** A chat room: what is said now, what was said before, who is here and who types. */
export function enter(root) {
  const room = new Room(root);
  return () => room.leave();
}

class Room {
  constructor(root) {
    this.root = root;
    this.path = `/api/chat/rooms/${root.dataset.room}`;
    this.part = id => root.querySelector(`#${id}`);
    this.scroll = this.part('scroll');
    this.list = this.part('messages');
    this.left = new AbortController();
    const on = (target, event, act) => target.addEventListener(event, act, { signal: this.left.signal });
    on(this.part('say'), 'submit', event => { event.preventDefault(); event.stopPropagation(); this.say(); });
    on(this.part('text'), 'input', () => this.types());
    on(this.part('newer'), 'click', () => this.toEnd());
    on(this.scroll, 'scroll', () => { if (this.atEnd()) this.part('newer').hidden = true; });
    on(this.list, 'submit', event => this.remove(event));
    on(this.part('older'), 'click', event => { event.preventDefault(); this.older(); });
    this.sight = new IntersectionObserver(([seen]) => { if (seen.isIntersecting) this.older(); }, { root: this.scroll, rootMargin: '200px 0px 0px' });
    this.toEnd();
    this.sight.observe(this.part('older'));
    this.stop = listen(`${this.path}/live?after=${root.dataset.last}`, (data, name) => this.hear(data, name), { onState: state => this.connection(state) });
  }

  hear(data, name) {
    if (name === 'presence') return this.present(data);
    if (name === 'typing') return this.typing(data);
    if (name === 'removed') return this.removed(data.sequence);
    if (name === 'message') this.add(data);
  }

  /** Each message once, in order, whatever brings it: the live stream, the answer to a post, or a page of older ones. */
  add(message, { own = false } = {}) {
    if (this.find(message.sequence)) return;
    const stay = own || this.atEnd();
    const after = [...this.list.querySelectorAll('[data-sequence]')].findLast(item => Number(item.dataset.sequence) < message.sequence);
    const item = this.make(message);
    if (after) after.after(item); else this.list.prepend(item);
    this.part('empty').hidden = true;
    if (stay) this.toEnd(); else this.part('newer').hidden = false;
  }

  async older() {
    const mark = this.part('older');
    if (this.loading || mark.hidden || !mark.dataset.before) return;
    this.loading = true;
    mark.setAttribute('aria-busy', 'true');
    try {
      const page = await call(`${this.path}/messages?before=${mark.dataset.before}&take=50`);
      const height = this.scroll.scrollHeight, top = this.scroll.scrollTop;
      this.list.prepend(...page.items.filter(message => !this.find(message.sequence)).map(message => this.make(message)));
      this.scroll.scrollTop = top + this.scroll.scrollHeight - height; // what one reads stays where it is
      mark.dataset.before = page.previous ?? '';
      mark.hidden = page.previous === null;
    } catch (error) {
      toast(error.message, 'bad');
    } finally {
      this.loading = false;
      mark.removeAttribute('aria-busy');
      this.sight.unobserve(mark);
      this.sight.observe(mark); // it may be in sight still
    }
  }

  async say() {
    const field = this.part('text'), text = field.value;
    if (!text.trim()) return field.focus();
    this.fault();
    const waiting = this.make({ sequence: '', author: { id: this.root.dataset.me, name: 'You' }, at: new Date().toISOString(), text, removed: false });
    waiting.classList.add('waiting');
    this.list.append(waiting);
    field.value = '';
    this.typed = 0; // what comes next is another message
    this.toEnd();
    await this.send(waiting, text, crypto.randomUUID());
  }

  /** The key makes it one message, however often it is sent. */
  async send(waiting, text, key) {
    waiting.querySelector('.message-failed')?.remove();
    try {
      const message = await call(`${this.path}/messages`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
        body: JSON.stringify({ text }),
      });
      waiting.remove();
      this.add(message, { own: true });
    } catch (error) {
      if (error.status >= 400 && error.status < 500) {
        waiting.remove();
        this.fault(error.message);
        if (!this.part('text').value) this.part('text').value = text;
        return;
      }
      this.failed(waiting, () => this.send(waiting, text, key));
    }
  }

  failed(waiting, again) {
    const note = element('p', 'message-failed', 'Not sent. ');
    const button = element('button', 'button secondary small', 'Send again');
    button.type = 'button';
    button.addEventListener('click', again);
    addEventListener('online', again, { once: true, signal: this.left.signal });
    note.append(button);
    waiting.append(note);
  }

  async remove(event) {
    const sequence = event.submitter?.value;
    if (!sequence) return;
    event.preventDefault();
    event.stopPropagation();
    try {
      await call(`${this.path}/messages/${sequence}`, { method: 'DELETE' });
    } catch (error) {
      toast(error.message, 'bad');
    }
  }

  removed(sequence) {
    const item = this.find(sequence);
    if (!item) return;
    item.classList.add('removed');
    item.querySelector('.text').textContent = 'Removed by an operator.';
    item.querySelector('.message-remove')?.remove();
  }

  types() {
    const now = Date.now();
    if (now - (this.typed ?? 0) < typingEvery || !this.part('text').value) return;
    this.typed = now;
    fetch(`${this.path}/typing`, { method: 'POST' }).catch(() => {}); // of the moment: the next stroke says it again
  }

  present({ count, users }) {
    this.part('here-count').textContent = count;
    this.part('people').removeAttribute('aria-busy');
    this.part('people').replaceChildren(...users.map(user => element('li', '', user.id === this.root.dataset.me ? `${user.name} (you)` : user.name)));
  }

  typing({ users }) {
    const names = users.filter(user => user.id !== this.root.dataset.me).map(user => user.name);
    this.part('typing').textContent = names.length === 0 ? '' : names.length === 1 ? `${names[0]} is typing…` : names.length === 2 ? `${names[0]} and ${names[1]} are typing…` : 'Several people are typing…';
  }

  connection(text) {
    const state = this.root.querySelector('.live-state');
    state.textContent = text;
    state.dataset.state = text.startsWith('reconnecting') ? 'reconnecting' : text;
  }

  make({ sequence, author, at, text, removed }) {
    const item = document.querySelector('#message-template').content.firstElementChild.cloneNode(true);
    item.className = `message${author.id === this.root.dataset.me ? ' mine' : ''}${removed ? ' removed' : ''}`;
    item.dataset.sequence = sequence;
    if (!sequence) delete item.dataset.sequence;
    item.querySelector('.author').textContent = author.name;
    const time = item.querySelector('time');
    time.dateTime = at;
    item.querySelector('.text').textContent = removed ? 'Removed by an operator.' : text;
    const remove = item.querySelector('.message-remove');
    if (removed || !sequence) remove?.remove();
    else if (remove) {
      remove.querySelector('button').value = sequence;
      remove.querySelector('button').setAttribute('aria-label', `Remove the message of ${author.name}`);
    }
    localise(item);
    return item;
  }

  find(sequence) { return this.list.querySelector(`[data-sequence="${sequence}"]`); }

  atEnd() { return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < near; }

  toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.part('newer').hidden = true;
  }

  fault(text = '') {
    this.part('text-error').textContent = text;
    if (text) this.part('text').setAttribute('aria-invalid', 'true'); else this.part('text').removeAttribute('aria-invalid');
  }

  leave() {
    this.left.abort();
    this.sight.disconnect();
    this.stop();
  }
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
