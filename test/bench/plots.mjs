// Plots as SVG, one function for each kind. Backgrounds are transparent and all colours of middle
// lightness, so that they can be read on light pages and on dark ones. The same figures give the
// same bytes.
//
// An axis is { label: with its unit; log: true if its scale is logarithmic; ticks; format; domain },
// the last three as Observable Plot has them. A name has one colour in all of a plot; one that
// begins with ours stands out.

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

const OURS = /^(ferrite|allkeys|volatile)/;
const OUR_COLOURS = ["#e4572e", "#d99a1b", "#c2519b"];
const COLOURS = [
  "#3d8fd6",
  "#2ba078",
  "#9a6dd7",
  "#8a9a3a",
  "#5b9aa8",
  "#a97b56",
  "#6f7fdc",
  "#888",
];
const INK = "#7a818c";

const WIDTH = 760;
const PANEL_HEIGHT = 230;
const LINE_HEIGHT = 18;
const LETTER_WIDTH = 6.2; // about
const FONT = 'font-family="system-ui, sans-serif" font-size="11"';

/** Lines in panels: [{ title, series: [{ name, points: [[x, y], ..] }] }], each with its own y scale. */
export function lines({ title, panels, x, y }) {
  const columns = Math.min(panels.length, 2);
  const colours = coloursOf(panels.flatMap(({ series }) => series.map(({ name }) => name)));
  const size = {
    width: WIDTH / columns,
    height: columns === 1 ? 1.5 * PANEL_HEIGHT : PANEL_HEIGHT,
  };
  const drawn = panels.map(({ title, series }) => {
    const points = series.flatMap(({ name, points }) => points.map(([x, y]) => ({ name, x, y })));
    const stroke = ({ name }) => colours.get(name);
    const isOurs = ({ name }) => OURS.test(name);
    const heading = title ? `${title}: ${y.label}` : y.label;
    return draw(heading, {
      ...size,
      marginLeft: 52,
      x: { ...scale(x), insetLeft: 6, insetRight: 6 },
      y: scale(y),
      marks: [
        ...axis("x", x, points),
        ...axis("y", y, points),
        Plot.line(points, { x: "x", y: "y", z: "name", stroke, strokeWidth: 1.5 }),
        Plot.dot(points, { x: "x", y: "y", fill: stroke, r: (point) => (isOurs(point) ? 3 : 2) }),
      ],
    });
  });
  return figure(title, colours, drawn, size, columns);
}

/** Horizontal bars in groups: [{ title, bars: [{ name, value }] }]; each says its value. */
export function bars({ title, groups, x }) {
  const all = groups.flatMap(({ title, bars }) => bars.map((bar) => ({ ...bar, group: title })));
  const names = [...new Set(all.map(({ name }) => name))];
  const titles = groups.map(({ title }) => title);
  const colours = coloursOf(names);
  const size = { width: WIDTH, height: 60 + groups.length * (names.length * LINE_HEIGHT + 12) };
  const at = { x: "value", y: "name", fy: "group" };
  const drawn = draw("", {
    ...size,
    marginLeft: 12 + widthOf(names),
    marginRight: 12 + widthOf(titles),
    x: { ...scale(x), insetRight: 60 },
    y: { domain: names },
    fy: { domain: titles, padding: 0.12 },
    marks: [
      ...axis("x", x, all.map(({ value }) => ({ x: value })).concat({ x: 0 })),
      Plot.axisY({ tickSize: 0, label: null }),
      Plot.axisFy({ label: null }),
      Plot.barX(all, { ...at, fill: ({ name }) => colours.get(name), insetTop: 1, insetBottom: 1 }),
      Plot.text(all, {
        ...at,
        text: ({ value }) => (x.format ?? format)(value),
        textAnchor: "start",
        dx: 4,
      }),
    ],
  });
  return figure(title, new Map(), [drawn], size, 1);
}

/**
 * How values are distributed: for each, the share of all that are as large or larger, both on
 * logarithmic scales. series: [{ name, counts: [[value, how many have it], ..] }], ascending.
 */
export function distribution({ title, series, x }) {
  const shares = series.map(({ name, counts }) => {
    const all = counts.reduce((sum, [, count]) => sum + count, 0);
    let left = all;
    const points = counts.map(([value, count]) => {
      left -= count;
      return [value, (left + count) / all];
    });
    return { name, points };
  });
  return lines({
    title,
    panels: [{ title: "", series: shares }],
    x: { ...x, log: true },
    y: { label: "share of all that took as long or longer", log: true, format: power },
  });
}

const format = (value) => value.toLocaleString("en");

/** 0.001 -> "10⁻³", and nothing for what is no power of ten. */
function power(value) {
  const exponent = Math.log10(value);
  if (Math.abs(exponent - Math.round(exponent)) > 1e-9) return "";
  const digits = `${Math.round(exponent)}`;
  return "10" + digits.replace(/./g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]));
}

/* --- parts ------------------------------------------------------------------------------------ */

const scale = ({ log, domain }) => ({ type: log ? "log" : "linear", ...(domain && { domain }) });

/** Grid lines and ticks: those given that are in reach; on a logarithmic scale else powers of ten. */
function axis(which, { label, log, ticks, format }, points) {
  const values = points.map((point) => point[which]);
  const inReach = (tick) => tick >= Math.min(...values) && tick <= Math.max(...values);
  const at = ticks?.filter(inReach) ?? (log ? decades(values) : 5);
  const options = { ticks: at, tickFormat: format };
  return which === "x"
    ? [
        Plot.gridX({ ticks: at, strokeOpacity: 0.2 }),
        Plot.axisX({ ...options, label, labelAnchor: "center", labelArrow: "none" }),
      ]
    : [Plot.gridY({ ticks: at, strokeOpacity: 0.2 }), Plot.axisY({ ...options, label: null })];
}

function decades(values) {
  const least = Math.ceil(Math.log10(Math.min(...values)) - 1e-9);
  const most = Math.floor(Math.log10(Math.max(...values)) + 1e-9);
  return Array.from({ length: most - least + 1 }, (_, i) => Number(`1e${least + i}`));
}

function coloursOf(names) {
  const colours = new Map();
  const left = { true: [...OUR_COLOURS], false: [...COLOURS] };
  for (const name of names)
    if (!colours.has(name)) colours.set(name, left[OURS.test(name)].shift() ?? INK);
  return colours;
}

const widthOf = (texts) => LETTER_WIDTH * Math.max(...texts.map((text) => text.length));

/** A plot's marks, without the element around them, whose style sheet would be the page's. */
function draw(title, options) {
  const { document } = parseHTML("<!doctype html><body></body>");
  const plot = Plot.plot({ document, marginTop: title ? 26 : 8, marginBottom: 40, ...options });
  plot.querySelector("style").remove();
  return text(title, 8, 12, 'font-weight="600"') + plot.innerHTML;
}

/** A title, what the colours mean, and the plots in columns. */
function figure(title, colours, drawn, { width, height }, columns) {
  let [x, y] = [8, 42];
  let legend = "";
  for (const [name, colour] of colours) {
    const step = 28 + widthOf([name]);
    if (x + step > WIDTH) [x, y] = [8, y + LINE_HEIGHT];
    legend += `<rect x="${x}" y="${y - 9}" width="10" height="10" rx="2" fill="${colour}"/>`;
    legend += text(name, x + 15, y);
    x += step;
  }
  const top = colours.size ? y + 10 : 28;
  const cells = drawn.map((marks, i) => {
    const [left, down] = [(i % columns) * width, top + Math.floor(i / columns) * height];
    return `<g transform="translate(${left},${down})" text-anchor="middle">${marks}</g>`;
  });
  const whole = top + Math.ceil(drawn.length / columns) * height;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${whole}" width="${WIDTH}"` +
    ` height="${whole}" ${FONT} fill="${INK}" color="${INK}" role="img">` +
    `<title>${escaped(title)}</title>` +
    text(title, 8, 18, 'font-size="14" font-weight="600"') +
    `${legend}\n${cells.join("\n")}\n</svg>\n`;
  return svg.replace(/\d+\.\d{3,}(?![\d%e])/g, (number) => `${+(+number).toFixed(2)}`);
}

function text(words, x, y, attributes = "") {
  if (words === "") return "";
  return `<text x="${x}" y="${y}" text-anchor="start" ${attributes}>${escaped(words)}</text>`;
}

function escaped(words) {
  return words.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);
}
