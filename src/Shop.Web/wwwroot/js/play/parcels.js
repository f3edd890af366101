/**
 * The rules of the game, without the browser: what falls when, where the crate is, what is caught. Lengths are parts of the field
 * (0 to 1), times are seconds of play; the seed decides everything that is chance, so that a run can be played again.
 */
const kinds = { parcel: 10, express: 30, broken: -20 };
const crate = { width: 0.17, top: 0.9, speed: 1.1 };
export const size = 0.07;

export class Parcels {
  score = 0;
  time = 0;
  x = 0.5;
  falling = [];
  caught = [];

  constructor(seed, seconds) {
    this.seconds = seconds;
    this.chance = random(seed);
    this.next = 0;
  }

  get over() { return this.time >= this.seconds; }

  get crate() { return { ...crate, left: this.x - crate.width / 2 }; }

  /** Goes on by so many seconds; `move` is -1, 0 or 1, or a place to go to. */
  step(seconds, { move = 0, to } = {}) {
    const way = to === undefined ? move * crate.speed * seconds : to - this.x;
    this.x = Math.min(Math.max(this.x + way, crate.width / 2), 1 - crate.width / 2);
    this.time = Math.min(this.time + seconds, this.seconds);
    while (this.next <= this.time) this.drop();
    for (const item of this.falling) item.y += item.speed * seconds;
    this.caught = this.falling.filter(item => this.catches(item));
    for (const item of this.caught) this.score = Math.max(this.score + kinds[item.kind], 0);
    this.falling = this.falling.filter(item => item.y < 1.1 && !this.caught.includes(item));
  }

  catches(item) {
    const bottom = item.y + size;
    return bottom >= crate.top && bottom <= crate.top + 0.06 && Math.abs(item.x - this.x) < (crate.width + size) / 2;
  }

  /** It gets busier: from one each 0.75 s to one each 0.4 s. */
  drop() {
    const part = Math.min(this.next / this.seconds, 1);
    const draw = this.chance();
    this.falling.push({
      kind: draw < 0.14 ? 'express' : draw < 0.28 ? 'broken' : 'parcel',
      x: 0.06 + this.chance() * 0.88,
      y: -size,
      turn: this.chance() * 0.5 - 0.25,
      speed: 0.42 + 0.25 * part + this.chance() * 0.12,
    });
    this.next += 0.75 - 0.35 * part;
  }
}

/** mulberry32: small, and the same everywhere. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
