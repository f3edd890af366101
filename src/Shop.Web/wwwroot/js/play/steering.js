/** Where the player wants the crate: by keys, by the mouse or a finger on the field, or by the two buttons below it. */
export class Steering {
  constructor(section, onPause) {
    this.section = section;
    this.left = new AbortController();
    this.held = new Set();
    const canvas = section.querySelector('canvas');
    const on = (target, event, act, options) => target.addEventListener(event, act, { ...options, signal: this.left.signal });

    on(document, 'keydown', event => {
      if (event.target.closest('input, textarea, select')) return;
      if ((event.key === 'p' || event.key === 'P' || event.key === 'Escape') && ['playing', 'paused'].includes(section.dataset.state)) onPause();
      const way = ways[event.key];
      if (!way || section.dataset.state !== 'playing') return;
      event.preventDefault();
      this.held.add(way);
      this.to = undefined;
    });
    on(document, 'keyup', event => this.held.delete(ways[event.key]));
    on(window, 'blur', () => this.held.clear());
    const follow = event => {
      const { left, width } = canvas.getBoundingClientRect();
      this.to = (event.clientX - left) / width;
    };
    on(canvas, 'pointerdown', event => { canvas.setPointerCapture(event.pointerId); follow(event); });
    on(canvas, 'pointermove', follow);
    for (const button of section.querySelectorAll('[data-move]')) {
      const way = Number(button.dataset.move);
      on(button, 'pointerdown', event => { button.setPointerCapture(event.pointerId); this.held.add(way); this.to = undefined; });
      for (const end of ['pointerup', 'pointercancel', 'lostpointercapture']) on(button, end, () => this.held.delete(way));
    }
  }

  /** A run begins, or goes on: the crate stays where it is until the player says otherwise. */
  reset() {
    this.held.clear();
    this.to = undefined;
  }

  read() {
    let move = 0;
    for (const way of this.held) move += way;
    return { move, to: this.to };
  }

  leave() {
    this.left.abort();
  }
}

const ways = { ArrowLeft: -1, a: -1, A: -1, ArrowRight: 1, d: 1, D: 1 };
