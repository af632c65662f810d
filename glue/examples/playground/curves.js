/*
 * Curves of the last minute, one figure each, for both caches.
 */
export const SAMPLES = 300;
const MARKS = [0, 0.5, 1]; // of the axis

export class Curve {
  #canvas = document.createElement("canvas");
  #values = ["a", "b"].map((name) =>
    Object.assign(document.createElement("b"), { className: name }),
  );
  #series = [[], []];

  /**
   * `show`: a value as text; `top`: the least that the axis reaches up to; `close`: the axis has only
   * those tenths of it that the later half needs.
   */
  constructor(parent, { title, show, top, close = false }) {
    Object.assign(this, { show, top, close });
    const figure = document.createElement("figure");
    const caption = document.createElement("figcaption");
    const name = Object.assign(document.createElement("span"), { textContent: title });
    caption.append(name, ...this.#values);
    figure.append(caption, this.#canvas);
    this.#canvas.setAttribute("role", "img");
    this.#canvas.setAttribute("aria-label", title);
    parent.append(figure);
    new ResizeObserver(() => this.draw()).observe(this.#canvas);
  }

  clear() {
    this.#series = [[], []];
    this.draw();
  }

  /** A value of each cache; undefined: there is none. */
  add(...values) {
    this.#series.forEach((series, i) => {
      series.push(values[i]);
      if (series.length > SAMPLES) series.shift();
    });
  }

  draw() {
    const canvas = this.#canvas;
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!width) return;
    const scale = devicePixelRatio;
    canvas.width = width * scale;
    canvas.height = height * scale;
    const context = canvas.getContext("2d");
    context.scale(scale, scale);
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name);
    const axis = this.#axis();
    const area = { left: 62, top: 10, width: width - 62, height: height - 20 };

    context.font = `11px ${getComputedStyle(canvas).fontFamily}`;
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const mark of MARKS) {
      const y = Math.round(area.top + area.height * (1 - mark)) + 0.5;
      context.fillStyle = colour("--line");
      context.fillRect(area.left, y - 0.5, area.width, 1);
      context.fillStyle = colour("--soft");
      context.fillText(this.show(axis.from + (axis.to - axis.from) * mark), area.left - 8, y);
    }
    context.beginPath();
    context.rect(area.left, area.top - 2, area.width, area.height + 4);
    context.clip();
    this.#line(context, area, axis, 1, colour("--other"));
    this.#line(context, area, axis, 0, colour("--accent"));
    this.#series.forEach((series, i) => {
      const last = series.at(-1);
      this.#values[i].textContent = last === undefined ? "" : this.show(last);
    });
  }

  #axis() {
    const known = (series) => series.filter(Number.isFinite);
    if (!this.close) {
      const most = Math.max(this.top, ...known(this.#series.flat()));
      return { from: 0, to: niceTop(most, this.top) };
    }
    const later = known(this.#series.flatMap((series) => series.slice(series.length / 2)));
    const tenth = this.top / 10;
    const to = later.length ? Math.ceil(Math.max(...later) / tenth) * tenth : this.top;
    const from = later.length ? Math.floor(Math.min(...later) / tenth) * tenth : 0;
    return { from: Math.max(0, Math.min(from, to - tenth)), to: Math.max(to, tenth) };
  }

  #line(context, { left, top, width, height }, { from, to }, which, colour) {
    const series = this.#series[which];
    const x = (i) => left + width * ((SAMPLES - series.length + i) / (SAMPLES - 1));
    context.strokeStyle = colour;
    context.lineWidth = which ? 1.5 : 2;
    context.lineJoin = "round";
    context.beginPath();
    let drawing = false;
    series.forEach((value, i) => {
      const known = Number.isFinite(value);
      if (known)
        context[drawing ? "lineTo" : "moveTo"](
          x(i),
          top + height * (1 - (value - from) / (to - from)),
        );
      drawing = known;
    });
    context.stroke();
  }
}

// The least is exact (a budget, 100%); above it the axis ends at 1, 2 or 5 times a power of ten.
function niceTop(most, least) {
  if (most <= least) return least;
  const power = 10 ** Math.floor(Math.log10(most));
  return power * [1, 2, 5, 10].find((step) => step * power >= most);
}
