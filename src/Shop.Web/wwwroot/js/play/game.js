import { call } from '../../api.js';
import { Parcels } from './parcels.js';
import { Scene } from './scene.js';
import { Steering } from './steering.js';

/** Longer steps than this are a pause (a slow tab, a sleeping machine), not play. */
const longestStep = 0.1;

/** The game: the shop starts each run and scores it. */
export function enter(section) {
  const game = new Game(section);
  return () => game.leave();
}

class Game {
  constructor(section) {
    this.section = section;
    this.part = id => section.querySelector(`#${id}`);
    this.scene = new Scene(this.part('canvas'));
    this.steering = new Steering(section, () => this.pause());
    this.scene.draw(new Parcels(1, 60));
    this.left = new AbortController();
    const on = (target, event, act) => target?.addEventListener(event, act, { signal: this.left.signal });
    on(this.part('start'), 'click', () => this.act());
    on(this.part('pause'), 'click', () => this.pause());
    on(document, 'visibilitychange', () => { if (document.hidden && this.state === 'playing') this.pause(); });
    this.be('idle');
  }

  /** What the one button does depends on where we are. */
  act() {
    if (this.state === 'paused') return this.go();
    if (this.state === 'unsent') return this.send();
    if (this.state === 'idle') return this.start();
  }

  async start() {
    this.be('starting', 'Loading the van…');
    try {
      this.run = await call(`/api/games/${this.section.dataset.game}/runs`, { method: 'POST' });
    } catch (error) {
      return this.be('idle', error.message, 'Try again');
    }
    this.parcels = new Parcels(this.run.seed, this.run.seconds);
    this.scene.sparks = [];
    this.show();
    this.go();
  }

  go() {
    this.be('playing');
    this.section.querySelector('.game-field').scrollIntoView({ block: 'nearest' });
    this.steering.reset(this.parcels);
    let before = performance.now();
    const frame = now => {
      if (this.state !== 'playing') return;
      this.parcels.step(Math.min((now - before) / 1000, longestStep), this.steering.read());
      before = now;
      this.show();
      if (this.parcels.over) return this.send();
      this.frame = requestAnimationFrame(frame);
    };
    this.frame = requestAnimationFrame(frame);
  }

  pause() {
    if (this.state === 'playing') this.be('paused', 'Paused. The parcels wait.', 'Go on');
    else if (this.state === 'paused') this.go();
  }

  async send() {
    const { score } = this.parcels;
    this.be('sending', `${score} points. Writing them down…`);
    try {
      const standing = await call(`/api/games/${this.section.dataset.game}/scores`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ score, token: this.run.token }),
      });
      const best = standing.score > score ? `Your best is ${standing.score}. ` : '';
      this.be('idle', `${score} points. ${best}You are number ${standing.rank} of all time.`, 'Play again');
    } catch (error) {
      // The run is over for good when the shop says why; without an answer it can be sent again.
      const final = error.status >= 400 && error.status < 500;
      this.be(final ? 'idle' : 'unsent', `${score} points, but: ${error.message}`, final ? 'Play again' : 'Send again');
    }
  }

  show() {
    this.scene.draw(this.parcels);
    this.part('score').textContent = this.parcels.score;
    this.part('time').textContent = Math.ceil(this.parcels.seconds - this.parcels.time);
  }

  be(state, said, button) {
    this.state = state;
    this.section.dataset.state = state;
    const busy = state === 'playing';
    this.part('cover').hidden = busy;
    this.part('pause').disabled = !busy;
    if (said) this.part('said').textContent = said;
    const start = this.part('start');
    if (!start) return;
    if (button) start.textContent = button;
    start.disabled = state === 'starting' || state === 'sending';
    if (button) start.focus({ preventScroll: true });
  }

  leave() {
    this.state = 'left';
    cancelAnimationFrame(this.frame);
    this.left.abort();
    this.steering.leave();
  }
}
