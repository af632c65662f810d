/*
 * The playground: two caches under the same requests, a prompt to one of them, and a picture of its
 * memory.
 *
 * All of it happens in frames. A frame makes the requests that are due, then looks at memory. A look at
 * a large arena takes several frames, in which memory has to stand still: the requests wait for it, and
 * are made up for.
 */
import { Arena } from "./arena.js";
import { loadModule, makeCache, POLICIES } from "./cache.js";
import { Controls } from "./controls.js";
import { Curve } from "./curves.js";
import { Inside } from "./inside.js";
import { makeRequests } from "./load.js";
import { Picture } from "./picture.js";
import { Prompt } from "./prompt.js";
import { bytesText, countText, percentText, shortText } from "./text.js";

const LOAD_MS = 7; // of a frame
const LOOK_MS = 7;
const LOOK_SHARE = 5; // looking takes at most that part of the time
const SAMPLE_MS = 200;
const WINDOW = 5; // samples that a rate is taken over
const OWED_MS = 500; // of requests, at most, are made up for
const BATCH = 64; // requests between two looks at the clock

const ROWS = ["requests", "keys", "hit ratio", "used", "taken", "evicted", "expired", "refused"];

class Playground {
  #module;
  #caches = []; // { cache, refused, samples }
  #arena;
  #looking = false;
  #changed = true; // since memory was looked at last
  #lookedAt = 0;
  #lookMs = 0; // how long that took
  #running = false;
  #requests;
  #made = 0;
  #owed = 0;
  #lastFrame = 0;
  #sampledAt = 0;

  constructor(module) {
    this.#module = module;
    this.#picture = new Picture(() => !this.#changed && !this.#looking);
    this.#prompt = new Prompt((bytes, resp) => this.#ask(bytes, resp));
    this.#controls = new Controls(POLICIES, (name) => this.#change(name));
    this.#curves = makeCurves();
    this.#inside = new Inside();
    document.getElementById("run").addEventListener("click", () => this.#toggle());
    document.getElementById("anew").addEventListener("click", () => this.#begin());
    this.#begin();
    requestAnimationFrame((now) => this.#frame(now));
  }
  #picture;
  #prompt;
  #controls;
  #curves;
  #inside;

  /* --- the caches ----------------------------------------------------------------------------- */

  #begin() {
    const { budget, policyA, policyB } = this.#controls.values;
    const make = (policy) => ({
      cache: makeCache(this.#module, budget, policy),
      refused: 0,
      samples: [],
    });
    this.#caches = [make(policyA)];
    if (policyB) this.#caches.push(make(policyB));
    this.#inside.watch(this.#caches[0].cache);
    this.#arena = new Arena(this.#caches[0].cache.memory, this.#picture.cells);
    this.#made = this.#owed = 0;
    this.#newRequests();
    this.#curves.bytes.top = budget;
    for (const curve of Object.values(this.#curves)) curve.clear();
    this.#touch();
    this.#arena.look();
    document.getElementById("arena-bytes").textContent = bytesText(budget);
    document.getElementById("cell-bytes").textContent = bytesText(this.#arena.cellBytes);
    this.#sample();
  }

  #newRequests() {
    this.#requests = makeRequests({ ...this.#controls.values, seed: 20261128 });
  }

  // A budget, or another second cache, takes new ones; all else is changed as they run.
  #change(name) {
    const { values } = this.#controls;
    if (name === "policyA")
      this.#ask(encode(`CONFIG SET maxmemory-policy ${values.policyA}\r\n`), 2);
    else if (name === "policyB" && values.policyB && this.#caches[1])
      this.#caches[1].cache.call("CONFIG", "SET", "maxmemory-policy", values.policyB);
    else if (name === "budget" || name === "policyB") {
      this.#begin();
      this.#prompt.note(`(new and empty: ${bytesText(values.budget)})`);
    } else this.#newRequests();
    this.#sample();
  }

  // Memory is no longer as it was when it was looked at: a look that is not through begins again.
  #touch() {
    this.#changed = true;
    this.#looking = false;
  }

  #ask(bytes, resp) {
    this.#touch();
    const { reply } = this.#caches[0].cache.feed(bytes, { resp });
    this.#sample(); // at once, so that what INFO says is what the page shows
    return reply;
  }

  /* --- frames --------------------------------------------------------------------------------- */

  #frame(now) {
    requestAnimationFrame((next) => this.#frame(next));
    const { rate } = this.#controls.values;
    const passed = Math.min(now - this.#lastFrame, OWED_MS);
    this.#lastFrame = now;
    if (this.#running) {
      this.#owed = Math.min(this.#owed + (rate * passed) / 1000, (rate * OWED_MS) / 1000);
      if (!this.#looking) this.#load();
    }
    this.#look();
    if (!this.#looking) this.#inside.show(now);
    if (now - this.#sampledAt >= SAMPLE_MS && (this.#running || this.#sampledAt === 0)) {
      this.#sampledAt = now;
      this.#sample();
      if (this.#running) this.#draw();
    }
  }

  #load() {
    const stop = performance.now() + LOAD_MS;
    while (this.#owed >= 1 && performance.now() < stop) {
      for (let i = 0; i < BATCH && this.#owed >= 1; i++, this.#owed--) {
        const request = this.#requests();
        for (const one of this.#caches) apply(request, one);
        this.#made++;
      }
    }
    this.#touch();
  }

  #look() {
    const start = performance.now();
    if (!this.#looking) {
      if (!this.#changed || start - this.#lookedAt < this.#lookMs * LOOK_SHARE) return;
      this.#arena.begin();
      this.#lookMs = 0;
      this.#looking = true;
    }
    const done = this.#arena.step(LOOK_MS);
    this.#lookMs += performance.now() - start;
    if (!done) return;
    this.#looking = this.#changed = false;
    this.#lookedAt = performance.now();
    this.#picture.draw(this.#arena);
    if (this.#lookedAt - this.#totalsAt > SAMPLE_MS || !this.#running) {
      this.#totalsAt = this.#lookedAt;
      this.#picture.showTotals();
    }
  }
  #totalsAt = 0;

  #toggle() {
    this.#running = !this.#running;
    const button = document.getElementById("run");
    button.textContent = this.#running ? "Pause" : "Run";
    this.#sampledAt = 0;
    this.#owed = 0;
  }

  /* --- figures -------------------------------------------------------------------------------- */

  #sample() {
    for (const one of this.#caches) {
      one.samples.push({ ...one.cache.info(), at: performance.now() });
      if (one.samples.length > WINDOW + 1) one.samples.shift();
    }
    showFigures(this.#caches, this.#made);
  }

  #draw() {
    const rates = this.#caches.map(({ samples }) => {
      const [then, now] = [samples[0], samples.at(-1)];
      const hits = now.keyspace_hits - then.keyspace_hits;
      return {
        hits: hits / (hits + now.keyspace_misses - then.keyspace_misses),
        bytes: now.used_memory,
        evictions: ((now.evicted_keys - then.evicted_keys) / (now.at - then.at)) * 1000,
      };
    });
    for (const [name, curve] of Object.entries(this.#curves)) {
      curve.add(...rates.map((rate) => rate[name]));
      curve.draw();
    }
  }
}

// A cache that is full, and may not evict, refuses; that is counted, and no more.
function apply(request, one) {
  try {
    request(one.cache);
  } catch (error) {
    if (error.code !== "OOM") throw error;
    one.refused++;
  }
}

function showFigures(caches, made) {
  const columns = caches.map(({ refused, samples }) => {
    const info = samples.at(-1);
    const reads = info.keyspace_hits + info.keyspace_misses;
    return [
      countText(made),
      countText(info.keys ?? 0),
      percentText(info.keyspace_hits / reads),
      countText(info.used_memory),
      countText(info.used_memory_rss),
      countText(info.evicted_keys),
      countText(info.expired_keys),
      countText(refused),
    ];
  });
  const body = document.getElementById("figures");
  if (!body.rows.length)
    for (const name of ROWS) {
      const row = body.insertRow();
      row.append(Object.assign(document.createElement("th"), { scope: "row", textContent: name }));
      row.insertCell();
      row.insertCell();
    }
  ROWS.forEach((_, i) => {
    const { cells } = body.rows[i];
    cells[1].textContent = columns[0][i];
    cells[2].textContent = columns[1]?.[i] ?? "";
  });
}

function makeCurves() {
  const parent = document.getElementById("curves");
  return {
    hits: new Curve(parent, {
      title: "Hit ratio, a second",
      show: percentText,
      top: 1,
      close: true,
    }),
    bytes: new Curve(parent, { title: "Bytes, of the budget", show: bytesText, top: 1 }),
    evictions: new Curve(parent, { title: "Evictions a second", show: shortText, top: 10 }),
  };
}

const encode = (text) => new TextEncoder().encode(text);

async function start() {
  try {
    const module = await loadModule();
    document.getElementById("playground").hidden = false;
    new Playground(module);
  } catch (error) {
    document.getElementById("playground").hidden = true;
    const trouble = document.getElementById("trouble");
    trouble.textContent = error.message;
    trouble.hidden = false;
  }
}

start();
