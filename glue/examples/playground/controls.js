/*
 * What can be set: sliders that go in steps, and lists.
 */
import { bytesText, shortText } from "./text.js";

const KIB = 1024;
const MIB = 1024 * KIB;
const TTLS = [0, 1, 5, 15, 60, 300, 1800, 7200, 86400];

const times = (from, to, factor) => {
  const steps = [];
  for (let value = from; value <= to * 1.001; value *= factor) steps.push(Math.round(value));
  return steps;
};

// Steps of 1, 2, 5.
const decades = (from, to) =>
  times(from, to, 10).flatMap((power) =>
    [1, 2, 5].map((step) => step * power).filter((v) => v <= to),
  );

const SLIDERS = {
  budget: { steps: times(256 * KIB, 256 * MIB, 2), first: 4 * MIB, show: bytesText },
  rate: {
    steps: decades(100, 200_000),
    first: 20_000,
    show: (rate) => `${shortText(rate)} a second`,
  },
  keys: { steps: decades(100, 5_000_000), first: 50_000, show: shortText },
  skew: {
    steps: Array.from({ length: 16 }, (_, i) => i / 10),
    first: 0.9,
    show: (skew) => skew.toFixed(1),
  },
  valueBytes: { steps: times(16, 64 * KIB, 2), first: 256, show: bytesText },
  ttlSeconds: { steps: TTLS, first: 300, show: (seconds) => timeText(seconds) },
};

function timeText(seconds) {
  if (seconds === 0) return "none";
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${seconds / 60} min` : `${seconds / 3600} h`;
}

export class Controls {
  #form = document.getElementById("controls");

  /** `changed(name)` is called when one has been. */
  constructor(policies, changed) {
    this.values = { mix: "zipf", policyA: "allkeys-lru", policyB: "allkeys-lfu" };
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#fill("policyA", policies);
    this.#fill("policyB", [...policies, ""]);
    for (const name of ["mix", "policyA", "policyB"]) {
      const select = this.#form.elements[name];
      select.value = this.values[name];
      select.addEventListener("change", () => {
        this.values[name] = select.value;
        changed(name);
      });
    }
    for (const [name, slider] of Object.entries(SLIDERS)) this.#slide(name, slider, changed);
  }

  #fill(name, choices) {
    const select = this.#form.elements[name];
    for (const choice of choices) select.add(new Option(choice || "(no second cache)", choice));
  }

  #slide(name, { steps, first, show }, changed) {
    const input = this.#form.elements[name];
    const output = input.nextElementSibling;
    const read = () => {
      this.values[name] = steps[input.value];
      output.value = show(steps[input.value]);
      input.setAttribute("aria-valuetext", output.value);
    };
    Object.assign(input, { min: 0, max: steps.length - 1, value: steps.indexOf(first) });
    read();
    // A budget makes new caches, so not at each step of a drag.
    input.addEventListener("input", read);
    input.addEventListener(name === "budget" ? "change" : "input", () => changed(name));
  }
}
