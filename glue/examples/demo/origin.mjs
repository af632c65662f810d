// The origin: a server on loopback, in a thread of its own, that takes 10 to 40 ms to make a page.
// Tells the parent its port; answers each message with how many requests it has served.

import { createServer } from "node:http";
import { parentPort, workerData } from "node:worker_threads";
import { Site, randomNumbers } from "./site.mjs";

const LEAST_MS = 10;
const MOST_MS = 40;

const site = new Site(workerData.tracePath);
const random = randomNumbers(workerData.seed);
let served = 0;

const server = createServer((request, response) => {
  const id = site.idOf(request.url);
  const headers = { "Content-Type": "text/html; charset=utf-8" };
  const maxAge = site.maxAge(id);
  if (maxAge > 0) headers["Cache-Control"] = `max-age=${maxAge}`;
  const work = LEAST_MS + random() * (MOST_MS - LEAST_MS);
  setTimeout(() => response.writeHead(200, headers).end(site.body(id)), work);
  served++;
});

server.listen(0, "127.0.0.1", () => parentPort.postMessage({ port: server.address().port }));
parentPort.on("message", () => parentPort.postMessage({ served }));
