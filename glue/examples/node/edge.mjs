// Serves the handler over HTTP on loopback, in a thread of its own, as an edge node would. Tells the
// parent its port; answers each message with the cache's figures.

import { createServer } from "node:http";
import { parentPort, workerData } from "node:worker_threads";
import { createEdge } from "./handler.mjs";

const { handle, cache } = await createEdge(workerData);
let mostBytes = 0; // the largest the cache's whole memory has been after any request

const server = createServer(async (incoming, outgoing) => {
  try {
    const response = await handle(new Request(`http://edge.example${incoming.url}`));
    mostBytes = Math.max(mostBytes, cache.memory.buffer.byteLength);
    const body = Buffer.from(await response.arrayBuffer());
    outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(body);
  } catch (error) {
    outgoing.writeHead(500).end(String(error.stack));
  }
});

server.listen(0, "127.0.0.1", () => parentPort.postMessage({ port: server.address().port }));
parentPort.on("message", () => parentPort.postMessage({ ...cache.info(), mostBytes }));
