import { size } from './parcels.js';

/** Draws a game. Colours come from the page, so that light and dark are one drawing. */
export class Scene {
  constructor(canvas) {
    this.canvas = canvas;
    this.draw2d = canvas.getContext('2d');
    this.still = matchMedia('(prefers-reduced-motion: reduce)');
    this.sparks = [];
    this.colours = new Map();
  }

  /** The page's colour of that name; looked up twice a second, because the visitor may change to dark in the middle of a run. */
  colour(name) {
    const now = performance.now();
    if (now - (this.looked ?? -Infinity) > 500) {
      this.colours.clear();
      this.looked = now;
    }
    if (!this.colours.has(name)) {
      this.canvas.style.color = `var(--game-${name})`; // only a real property resolves light-dark()
      this.colours.set(name, getComputedStyle(this.canvas).color);
    }
    return this.colours.get(name);
  }

  draw(game) {
    const { width, height } = this.canvas, pen = this.draw2d;
    const colour = name => this.colour(name);
    pen.fillStyle = colour('sky');
    pen.fillRect(0, 0, width, height);
    pen.strokeStyle = colour('line');
    pen.lineWidth = 2;
    for (let y = 0; y < 3; y++) { // the shelves of the van
      pen.beginPath();
      pen.moveTo(0, height * (0.24 + y * 0.24));
      pen.lineTo(width, height * (0.24 + y * 0.24));
      pen.stroke();
    }
    pen.fillStyle = colour('floor');
    pen.fillRect(0, height * 0.975, width, height * 0.025);
    for (const item of game.falling) this.item(item, colour, width, height);
    this.crate(game.crate, colour, width, height);
    this.spark(game, colour, width, height);
  }

  item(item, colour, width, height) {
    const pen = this.draw2d, side = size * width;
    pen.save();
    pen.translate(item.x * width, (item.y + size / 2) * height + side / 6);
    if (!this.still.matches) pen.rotate(item.turn * item.y * 4);
    pen.fillStyle = colour(item.kind);
    pen.strokeStyle = colour('ink');
    pen.lineWidth = 3;
    pen.beginPath();
    pen.roundRect(-side / 2, -side / 2, side, side * 0.86, 5);
    pen.fill();
    pen.stroke();
    pen.beginPath();
    if (item.kind === 'broken') { // told by its shape too: a crack
      pen.moveTo(-side / 4, -side / 2);
      pen.lineTo(0, -side / 8);
      pen.lineTo(-side / 6, side / 12);
      pen.lineTo(side / 8, side * 0.36);
    } else {
      pen.moveTo(0, -side / 2);
      pen.lineTo(0, side * 0.36);
      if (item.kind === 'express') { pen.moveTo(-side / 2, -side / 14); pen.lineTo(side / 2, -side / 14); }
    }
    pen.stroke();
    pen.restore();
  }

  crate({ left, width: part, top }, colour, width, height) {
    const pen = this.draw2d, x = left * width, y = top * height, w = part * width, h = height * 0.08;
    pen.fillStyle = colour('crate');
    pen.strokeStyle = colour('ink');
    pen.lineWidth = 3;
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(x + w * 0.07, y + h);
    pen.lineTo(x + w * 0.93, y + h);
    pen.lineTo(x + w, y);
    pen.closePath();
    pen.fill();
    pen.stroke();
    pen.beginPath();
    pen.moveTo(x + w * 0.04, y + h / 2);
    pen.lineTo(x + w * 0.96, y + h / 2);
    pen.stroke();
  }

  /** What a catch was worth floats up from it. */
  spark(game, colour, width, height) {
    const pen = this.draw2d;
    for (const { x, kind } of game.caught) this.sparks.push({ x, kind, at: game.time });
    this.sparks = this.sparks.filter(spark => game.time - spark.at < 0.8);
    pen.font = `bold ${Math.round(height / 20)}px system-ui, sans-serif`;
    pen.textAlign = 'center';
    for (const { x, kind, at } of this.sparks) {
      const rise = this.still.matches ? 0.05 : (game.time - at) * 0.14;
      pen.fillStyle = colour(kind === 'broken' ? 'minus' : 'plus');
      pen.fillText({ parcel: '+10', express: '+30', broken: '−20' }[kind], x * width, (0.86 - rise) * height);
    }
  }
}
