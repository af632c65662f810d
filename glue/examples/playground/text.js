/*
 * Figures as text.
 */
const UNITS = ["B", "KiB", "MiB", "GiB"];

/** 1536 is "1.50 KiB": three digits, whatever the size. */
export function bytesText(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  let unit = 0;
  for (; bytes >= 999.5; unit++) bytes /= 1024;
  return `${threeDigits(bytes)} ${UNITS[unit]}`;
}

/** 1234567 is "1,234,567". */
export const countText = (count) => Math.round(count).toLocaleString("en-US");

/** 20000 is "20k": for marks at an axis, and sliders. */
export function shortText(count) {
  if (count < 1000) return String(Math.round(count));
  if (count < 1e6) return `${trim(threeDigits(count / 1e3))}k`;
  return `${trim(threeDigits(count / 1e6))}M`;
}

/** 0.71234 is "71.2%"; of nothing, a dash. */
export const percentText = (part) => (Number.isFinite(part) ? `${(part * 100).toFixed(1)}%` : "–");

const threeDigits = (value) => value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
const trim = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
