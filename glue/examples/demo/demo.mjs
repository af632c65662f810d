// The demo: an origin that takes its time, in front of it an edge cache in workerd, which runs
// Cloudflare's Workers, and the requests of a real trace, sent over HTTP. Every body is compared with
// what the origin would have sent.
//
//     node demo.mjs [--requests N] [--max-memory BYTES] [--seed N]
//
// With --requests it is a test: the cache gets 256 KiB, which 2,000 requests fill, and the last line
// is "demo: N passed, N failed".

import { Agent, get } from "node:http";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { startEdge } from "./edge.mjs";
import { Site } from "./site.mjs";

const CONCURRENCY = 16;
const LONGEST_MS = 45_000; // on a slow machine the run ends here, and says so
const TRACE = fileURLToPath(new URL("../../../test/traces/web07.kvt2.gz", import.meta.url));

const { values: options } = parseArgs({
  options: {
    requests: { type: "string" },
    "max-memory": { type: "string" },
    seed: { type: "string", default: "1" },
  },
});
const maxMemory = options["max-memory"] ?? (options.requests ? "256kb" : "2mb");

/** A server in a thread: where it listens, and a question it answers. */
async function start(file, workerData) {
  const worker = new Worker(new URL(file, import.meta.url), { workerData });
  const [{ port }] = await once(worker, "message");
  const question = async () => {
    worker.postMessage("figures");
    const [figures] = await once(worker, "message");
    return figures;
  };
  let answered = Promise.resolve();
  const ask = () => (answered = answered.then(question)); // one at a time
  return { worker, port, url: `http://127.0.0.1:${port}`, ask };
}

/** One request -> { status, cache, body, ms }. */
function fetchPage(url, agent) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const request = get(url, { agent }, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () => {
        const ms = performance.now() - begun;
        const { statusCode: status, headers } = response;
        resolve({ status, cache: headers["x-cache"], body: Buffer.concat(pieces), ms });
      });
    });
    request.on("error", reject);
  });
}

/** Sends the trace's requests, CONCURRENCY at a time and in order; fills in `result` as it goes. */
async function replay(site, requests, url, result) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const deadline = performance.now() + LONGEST_MS;
  let next = 0;
  const client = async () => {
    while (next < requests.length && performance.now() < deadline) {
      const id = requests[next++];
      const page = await fetchPage(url + site.path(id), agent);
      const right = page.status === 200 && page.body.equals(site.body(id));
      if (!right) result.wrong.push(`${site.path(id)}: ${page.status}, ${page.body.length} bytes`);
      (page.cache === "HIT" ? result.hitMs : result.missMs).push(page.ms);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, client));
  agent.destroy();
}

// --- what is shown -------------------------------------------------------------------------------

const whole = (n) => n.toLocaleString("en-US");
const percent = (part, all) => `${((100 * part) / all || 0).toFixed(1)}%`;
const countOf = ({ hitMs, missMs }) => hitMs.length + missMs.length;

function progressLine(result, figures) {
  return [
    `${whole(countOf(result)).padStart(7)} requests`,
    `${percent(result.hitMs.length, countOf(result)).padStart(5)} hits`,
    `${whole(figures.used_memory)} of ${whole(figures.maxmemory)} bytes`,
    `${whole(figures.keys)} pages`,
  ].join("   ");
}

/** A line that changes in place on a terminal, a line every two seconds elsewhere. */
function showProgress(edge, result) {
  const terminal = process.stdout.isTTY;
  const show = async () => {
    const line = progressLine(result, await edge.ask());
    process.stdout.write(terminal ? `\r\x1b[2K${line}` : `${line}\n`);
  };
  const timer = setInterval(show, terminal ? 200 : 2000);
  return () => {
    clearInterval(timer);
    if (terminal) process.stdout.write("\r\x1b[2K");
  };
}

function quantiles(sample) {
  const sorted = Float64Array.from(sample).sort();
  const at = (share) => sorted[Math.floor(share * (sorted.length - 1))]?.toFixed(1) ?? "-";
  return `${at(0.5)} / ${at(0.99)}`;
}

function printTable(rows) {
  for (const [name, value] of rows) console.log(`  ${name.padEnd(24)}${value}`);
}

// --- the run -------------------------------------------------------------------------------------

const site = new Site(TRACE);
const requests = site.requests.slice(0, options.requests && Number(options.requests));
const result = { hitMs: [], missMs: [], wrong: [] };

const origin = await start("./origin.mjs", { tracePath: TRACE, seed: Number(options.seed) });
const edge = await startEdge({ origin: origin.url, maxMemory });
console.log(
  `origin ${origin.url} (10-40 ms a page, seed ${options.seed}), edge ${edge.url} in workerd ` +
    `(at most ${maxMemory}), ${whole(requests.length)} requests of a web shop`,
);

const begun = performance.now();
const stopProgress = showProgress(edge, result);
await replay(site, requests, edge.url, result);
stopProgress();
const seconds = (performance.now() - begun) / 1000;
const { served } = await origin.ask();
const figures = await edge.ask();
await Promise.all([origin.worker.terminate(), edge.stop()]);

const sent = countOf(result);
const [hits, misses] = [result.hitMs.length, result.missMs.length];
const checks = {
  "every body is the origin's, byte for byte": result.wrong.length === 0,
  "some requests were hits": hits > 0,
  "the origin served the misses and nothing else": served === misses,
  "the cache counted the same hits and misses":
    figures.keyspace_hits === hits && figures.keyspace_misses === misses,
  "memory never exceeded the budget":
    figures.mostBytes > 0 && figures.mostBytes <= figures.maxmemory,
  "pages were evicted, and pages expired": figures.evicted_keys > 0 && figures.expired_keys > 0,
};
const broken = Object.keys(checks).filter((name) => !checks[name]);

printTable([
  ["requests", `${whole(sent)} of ${whole(requests.length)} in ${seconds.toFixed(1)} s`],
  ["hit ratio", percent(hits, sent)],
  ["origin requests saved", `${whole(sent - served)} of ${whole(sent)}`],
  ["hits, p50 / p99", `${quantiles(result.hitMs)} ms`],
  ["misses, p50 / p99", `${quantiles(result.missMs)} ms`],
  ["entries", whole(figures.keys)],
  ["bytes used of budget", `${whole(figures.used_memory)} of ${whole(figures.maxmemory)}`],
  ["evictions", whole(figures.evicted_keys)],
  ["expirations", whole(figures.expired_keys)],
  ["wrong bodies", whole(result.wrong.length)],
]);
for (const page of result.wrong.slice(0, 10)) console.error(`wrong body: ${page}`);
for (const name of broken) console.error(`does not hold: ${name}`);
if (options.requests) {
  const passed = Object.keys(checks).length - broken.length;
  console.log(`demo: ${passed} passed, ${broken.length} failed`);
}
process.exitCode = broken.length ? 1 : 0;
