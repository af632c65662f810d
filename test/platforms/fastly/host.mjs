/*
 * A Fastly Compute service in front of real HTTP: each request starts a sandbox, unless one waits for
 * another. That is as much of Fastly as the example takes; see sandbox.mjs for the calls.
 */
import { once } from "node:events";
import http from "node:http";
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { MessageChannel, Worker } from "node:worker_threads";

// With V8's fast calls node:wasi goes on with the memory that a growing one has left, and crashes.
setFlagsFromString("--no-turbo-fast-api-calls");

/**
 * @param options.backends name -> the URL of an origin
 * @param options.reuse    requests that a sandbox may serve; 1 as by default on Fastly
 * @returns { url, sandboxes, settled, close }; sandboxes: of each, the ms it took to instantiate
 */
export async function startService(module, { backends, reuse = 1 }) {
  const sandboxes = [];
  const waiting = []; // sandboxes that ask for a request
  const running = new Set();

  function serve(request, response) {
    const free = waiting.shift();
    if (free) free(request, response);
    else startSandbox(request, response);
  }

  function startSandbox(first, response) {
    const { port1: port, port2 } = new MessageChannel();
    const signal = new Int32Array(new SharedArrayBuffer(4));
    let served = 1;
    const worker = new Worker(new URL("./sandbox.mjs", import.meta.url), {
      workerData: { module, first, port: port2, signal },
      transferList: [port2],
      execArgv: ["--no-warnings"],
    });
    running.add(worker);

    function reply(message) {
      port.postMessage(message);
      Atomics.store(signal, 0, 1);
      Atomics.notify(signal, 0);
    }

    function next({ timeoutMs }) {
      if (served === reuse) return reply(null);
      const timer = globalThis.setTimeout(() => {
        waiting.splice(waiting.indexOf(take), 1);
        reply(null);
      }, timeoutMs ?? 1000);
      function take(request, itsResponse) {
        clearTimeout(timer);
        served++;
        response = itsResponse;
        reply(request);
      }
      waiting.push(take);
    }

    port.on("message", async (message) => {
      if (message.instantiatedMs !== undefined) sandboxes.push(message.instantiatedMs);
      else if (message.answer) finish(response, message.answer);
      else if (message.next) next(message.next);
      else reply(await send(message.send));
    });
    worker.on("error", (error) => console.log(error));
    worker.on("exit", () => running.delete(worker));
    // Behind all it has said. Fastly answers so for a guest that has not.
    port.on("close", () => {
      if (!response.writableEnded) finish(response, { status: 500, headers: {}, body: "" });
    });
  }

  async function send({ backend, method, uri, headers, body }) {
    const origin = backends[backend];
    if (!origin) return null;
    const { pathname, search } = new URL(uri);
    const hasBody = method !== "GET" && method !== "HEAD";
    try {
      const response = await fetch(origin + pathname + search, {
        method,
        headers,
        body: hasBody ? body : undefined,
      });
      const bytes = Buffer.from(await response.arrayBuffer());
      return { status: response.status, headers: kept(response.headers), body: bytes };
    } catch {
      return null; // no connection
    }
  }

  const server = http.createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const { method, url, headers } = request;
    const uri = `http://${headers.host}${url}`;
    serve(
      { method, uri, headers: kept(Object.entries(headers)), body: Buffer.concat(pieces) },
      response,
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    sandboxes,
    /** Until no sandbox is at work: a request that finds one at work starts another. */
    async settled() {
      while (running.size > waiting.length) await setTimeout(1);
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await Promise.all([...running].map((worker) => worker.terminate()));
    },
  };
}

// A connection's own headers end with it.
const OF_A_CONNECTION = /^(connection|keep-alive|transfer-encoding|content-length|host|expect)$/;
const kept = (headers) =>
  Object.fromEntries([...headers].filter(([name]) => !OF_A_CONNECTION.test(name)));

function finish(response, { status, headers, body }) {
  response.writeHead(status, headers);
  response.end(Buffer.from(body));
}
