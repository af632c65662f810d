/*
 * The picture of the arena: a canvas of one pixel a cell, enlarged by the browser, so that drawing it
 * costs what filling 32 KB costs; and what it tells of the cell that is pointed at.
 */
import { KINDS } from "./arena.js";
import { bytesText, countText } from "./text.js";

const WIDE = { cells: 8192, pixels: 6 }; // how wide a cell is
const NARROW = { cells: 4096, pixels: 5 };
const { cells: CELLS, pixels: PIXELS } = innerWidth < 500 ? NARROW : WIDE;
const BLOCKS_SHOWN = 2;

export class Picture {
  cells = CELLS;

  #canvas = document.getElementById("mosaic");
  #grid = document.querySelector(".grid");
  #cursor = document.getElementById("cursor");
  #readout = document.getElementById("readout");
  #legend; // its rows
  #colours;
  #image;
  #columns = 0;
  #rows = 0;
  #cell = -1; // pointed at
  #held = false; // by the keyboard
  #single = -1; // the kind that is singled out
  #arena;

  /** `isFresh`: has nothing changed since the arena was looked at? */
  constructor(isFresh) {
    this.isFresh = isFresh;
    this.#makeLegend();
    this.#readColours();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#readColours();
      this.draw(this.#arena);
    });
    new ResizeObserver(() => this.#layOut()).observe(this.#canvas.closest("section"));
    this.#layOut();
    this.#listen();
  }

  draw(arena) {
    this.#arena = arena;
    if (!arena) return;
    const pixels = new Uint32Array(this.#image.data.buffer);
    for (let i = 0; i < CELLS; i++) {
      const kind = arena.kinds[i];
      pixels[i] = this.#single < 0 || this.#single === kind ? this.#colours[kind] : this.#dim(kind);
    }
    this.#canvas.getContext("2d").putImageData(this.#image, 0, 0);
    this.tell();
  }

  /** The legend's figures. */
  showTotals() {
    this.#arena.totals().forEach(({ bytes, blocks }, i) => {
      const { button, output } = this.#legend[i];
      output.value = bytesText(bytes);
      output.dataset.bytes = bytes;
      button.title = `${countText(blocks)} ${blocks === 1 ? "piece" : "pieces"}`;
    });
  }

  /** What the cell that is pointed at holds. */
  tell() {
    const arena = this.#arena;
    this.#cursor.hidden = this.#cell < 0;
    if (this.#cell < 0 || !arena) return this.#write("Point at a cell, or use the arrow keys.");
    const from = this.#cell * arena.cellBytes;
    const holds = arena
      .inCell(this.#cell)
      .map((bytes, kind) => ({ bytes, name: longName(kind) }))
      .filter(({ bytes }) => bytes)
      .sort((a, b) => b.bytes - a.bytes)
      .map(({ bytes, name }) => `${name} ${bytesText(bytes)}`);
    this.#write(`0x${from.toString(16).padStart(7, "0")}`, `  ${holds.join(", ")}`, this.#blocks());
  }

  #blocks() {
    if (!this.isFresh()) return this.#shown;
    const blocks = this.#arena.describe(this.#cell, BLOCKS_SHOWN);
    this.#shown = blocks.map(({ what, bytes, key, valueBytes }) =>
      key === undefined
        ? `${what}, ${bytesText(bytes)}`
        : `${JSON.stringify(key)}  ${what} of ${bytesText(valueBytes)}, ${bytesText(bytes)} in all`,
    );
    return this.#shown;
  }
  #shown = [];

  #write(head, rest = "", lines = []) {
    const first = document.createElement("div");
    first.append(
      rest ? Object.assign(document.createElement("b"), { textContent: head }) : head,
      rest,
    );
    const others = lines.map((text) =>
      Object.assign(document.createElement("div"), { textContent: text }),
    );
    this.#readout.replaceChildren(first, ...others);
  }

  /* --- pointing ------------------------------------------------------------------------------- */

  #listen() {
    const canvas = this.#canvas;
    const point = ({ clientX, clientY }) => {
      const { left, top } = canvas.getBoundingClientRect();
      const column = Math.min(Math.floor((clientX - left) / PIXELS), this.#columns - 1);
      this.#pointAt(Math.floor((clientY - top) / PIXELS) * this.#columns + column);
    };
    canvas.addEventListener("pointermove", point);
    canvas.addEventListener("pointerdown", point);
    canvas.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse" && !this.#held) this.#pointAt(-1);
    });
    canvas.addEventListener("focus", () => {
      this.#held = canvas.matches(":focus-visible");
      if (this.#held && this.#cell < 0) this.#pointAt(0);
    });
    canvas.addEventListener("blur", () => {
      this.#held = false;
      this.#pointAt(-1);
    });
    canvas.addEventListener("keydown", (event) => this.#move(event));
  }

  #move(event) {
    const steps = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -this.#columns,
      ArrowDown: this.#columns,
      PageUp: -8 * this.#columns,
      PageDown: 8 * this.#columns,
      Home: -CELLS,
      End: CELLS,
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    this.#held = true;
    this.#pointAt(Math.min(Math.max(this.#cell + step, 0), CELLS - 1));
  }

  #pointAt(cell) {
    this.#cell = cell >= CELLS ? -1 : cell;
    this.#shown = [];
    this.#place();
    this.tell();
  }

  #place() {
    const { style } = this.#cursor;
    style.left = `${(this.#cell % this.#columns) * PIXELS}px`;
    style.top = `${Math.floor(this.#cell / this.#columns) * PIXELS}px`;
    style.width = style.height = `${PIXELS - 1}px`;
  }

  /* --- its form ------------------------------------------------------------------------------- */

  // Cells are whole pixels; so the last row may not be full.
  #layOut() {
    const room = this.#canvas.closest("section").clientWidth;
    const columns = Math.floor(room / PIXELS);
    if (columns === this.#columns || columns === 0) return;
    this.#columns = columns;
    this.#rows = Math.ceil(CELLS / columns);
    this.#canvas.parentElement.style.width = `${columns * PIXELS}px`;
    this.#canvas.width = columns;
    this.#canvas.height = this.#rows;
    this.#image = new ImageData(columns, this.#rows);
    const line = (to) =>
      `repeating-linear-gradient(${to}, transparent 0 ${PIXELS - 1}px, var(--paper) 0 ${PIXELS}px)`;
    this.#grid.style.backgroundImage = `${line("to right")}, ${line("to bottom")}`;
    this.#place();
    this.draw(this.#arena);
  }

  #makeLegend() {
    this.#legend = KINDS.map(({ id, name }, kind) => {
      const button = document.createElement("button");
      const swatch = document.createElement("i");
      const label = Object.assign(document.createElement("span"), { textContent: name });
      const output = document.createElement("output");
      swatch.style.background = `var(--${id})`;
      button.type = "button";
      button.dataset.kind = id;
      button.setAttribute("aria-pressed", "false");
      button.append(swatch, label, output);
      button.addEventListener("click", () => this.#singleOut(this.#single === kind ? -1 : kind));
      return { button, output };
    });
    document.getElementById("legend").append(...this.#legend.map(({ button }) => button));
  }

  #singleOut(kind) {
    this.#single = kind;
    this.#legend.forEach(({ button }, i) =>
      button.setAttribute("aria-pressed", String(i === kind)),
    );
    this.draw(this.#arena);
  }

  #readColours() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => {
      const rgb = parseInt(style.getPropertyValue(`--${name}`).trim().slice(1), 16);
      return (0xff000000 | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0; // little-endian
    };
    this.#colours = KINDS.map(({ id }) => colour(id));
    this.#empty = colour("untaken");
  }
  #empty;

  // Four fifths of the way to the colour of nothing.
  #dim(kind) {
    const mix = (shift) => {
      const from = (this.#colours[kind] >>> shift) & 255;
      const to = (this.#empty >>> shift) & 255;
      return Math.round(from + (to - from) * 0.8) << shift;
    };
    return (0xff000000 | mix(0) | mix(8) | mix(16)) >>> 0;
  }
}

const longName = (kind) => KINDS[kind].long ?? KINDS[kind].name;
