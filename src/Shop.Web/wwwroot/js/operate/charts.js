const ns = 'http://www.w3.org/2000/svg';

/**
 * A line chart that runs: the last values of a few series, drawn as SVG. Numbers stand beside it as text, so that to a screen
 * reader it is one picture with a name.
 */
export class Chart {
  /** @param series how many; @param points how many values are shown; @param unit what the top of the scale is called in */
  constructor(element, { series, points = 120, unit = '', name, height = 60 }) {
    this.points = points;
    this.unit = unit;
    this.height = height;
    this.values = Array.from({ length: series }, () => []);
    this.svg = make('svg', { viewBox: `0 0 300 ${height}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': name });
    for (const part of [0.25, 0.5, 0.75]) this.svg.append(make('line', { class: 'rule', x1: 0, x2: 300, y1: height * part, y2: height * part }));
    this.lines = this.values.map((_, i) => make('polyline', { class: `line line-${'abcd'[i]}`, points: '' }));
    this.svg.append(...this.lines.toReversed());
    this.scale = document.createElement('span');
    this.scale.className = 'chart-scale';
    element.replaceChildren(this.svg, this.scale);
    this.draw();
  }

  /** One value for each series; null where there is none. */
  push(...values) {
    values.forEach((value, i) => {
      this.values[i].push(value);
      if (this.values[i].length > this.points) this.values[i].shift();
    });
    this.draw();
  }

  clear() {
    for (const series of this.values) series.length = 0;
    this.draw();
  }

  draw() {
    const top = round(Math.max(1, ...this.values.flat().filter(value => value !== null)));
    this.scale.textContent = `${top.toLocaleString('en')}${this.unit}`;
    this.lines.forEach((line, i) => {
      const first = this.points - this.values[i].length;
      line.setAttribute('points', this.values[i]
        .map((value, n) => value === null ? '' : `${((first + n) * 300 / (this.points - 1)).toFixed(1)},${(this.height - 2 - (this.height - 4) * value / top).toFixed(1)}`)
        .filter(Boolean).join(' '));
    });
  }
}

/** The next number of the form 1, 2, 5 × 10ⁿ: a scale that does not tremble. */
function round(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find(step => step * power >= value) * power;
}

function make(name, attributes) {
  const made = document.createElementNS(ns, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
