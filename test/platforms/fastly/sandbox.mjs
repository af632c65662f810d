/*
 * A sandbox: one instance of a guest, over node:wasi and as many of Fastly's host calls as it takes.
 * The calls block, so this is a thread; what needs the network is asked of host.mjs, which it waits
 * for.
 */
import { WASI } from "node:wasi";
import { receiveMessageOnPort, workerData } from "node:worker_threads";

const { module, first, port, signal } = workerData;

const OK = 0;
const ERROR = 1;
const BAD_HANDLE = 3;
const BUFFER_TOO_SHORT = 4;
const UNSUPPORTED = 5;
const NONE = 10;

class Refusal extends Error {
  constructor(status) {
    super(`status ${status}`);
    this.status = status;
  }
}

/* --- handles: of requests, bodies, responses, and of what is pending ------------------------------ */

const things = [];

function handleOf(kind, thing) {
  return things.push({ kind, thing }) - 1;
}

function thingOf(kind, handle) {
  const found = things[handle];
  if (found?.kind !== kind) throw new Refusal(BAD_HANDLE);
  return found.thing;
}

const newBody = (bytes = Buffer.alloc(0)) => handleOf("body", { bytes, at: 0 });

function takeRequest({ method, uri, headers, body }) {
  return [handleOf("request", { method, uri, headers }), newBody(Buffer.from(body))];
}

/* --- the other thread ---------------------------------------------------------------------------- */

function ask(question) {
  Atomics.store(signal, 0, 0);
  port.postMessage(question);
  Atomics.wait(signal, 0, 0);
  return receiveMessageOnPort(port).message;
}

/* --- the guest's memory -------------------------------------------------------------------------- */

let memory;

const bytesAt = (at, length) => Buffer.from(memory.buffer, at, length);
const textAt = (at, length) => bytesAt(at, length).toString();
const setWord = (at, value) => new DataView(memory.buffer).setUint32(at, value, true);

function giveText(text, at, capacity, bytesOut) {
  const bytes = Buffer.from(text);
  setWord(bytesOut, bytes.length);
  if (bytes.length > capacity) throw new Refusal(BUFFER_TOO_SHORT);
  bytes.copy(bytesAt(at, capacity));
}

/* --- the calls ----------------------------------------------------------------------------------- */

const calls = {
  fastly_http_req: {
    body_downstream_get(requestOut, bodyOut) {
      const [request, body] = takeRequest(first);
      setWord(requestOut, request);
      setWord(bodyOut, body);
    },
    method_get(request, at, capacity, bytesOut) {
      giveText(thingOf("request", request).method, at, capacity, bytesOut);
    },
    uri_get(request, at, capacity, bytesOut) {
      giveText(thingOf("request", request).uri, at, capacity, bytesOut);
    },
    send_async_v2(request, body, backendAt, backendBytes, streaming, pendingOut) {
      if (streaming) throw new Refusal(UNSUPPORTED);
      const question = {
        ...thingOf("request", request),
        body: thingOf("body", body).bytes,
        backend: textAt(backendAt, backendBytes),
      };
      setWord(pendingOut, handleOf("pending", question));
    },
    pending_req_wait_v2(pending, detail, responseOut, bodyOut) {
      const answer = ask({ send: thingOf("pending", pending) });
      if (!answer) throw new Refusal(ERROR);
      const { status, headers, body } = answer;
      setWord(responseOut, handleOf("response", { status, headers }));
      setWord(bodyOut, newBody(Buffer.from(body)));
    },
  },
  fastly_http_downstream: {
    next_request(mask, optionsAt, promiseOut) {
      const timeout = new DataView(memory.buffer).getBigUint64(optionsAt, true);
      const promise = { timeoutMs: mask & 2 ? Number(timeout) : undefined };
      setWord(promiseOut, handleOf("promise", promise));
    },
    next_request_wait(promise, requestOut, bodyOut) {
      const next = ask({ next: thingOf("promise", promise) });
      if (!next) throw new Refusal(NONE); // the end of the session
      const [request, body] = takeRequest(next);
      setWord(requestOut, request);
      setWord(bodyOut, body);
    },
  },
  fastly_http_body: {
    new(bodyOut) {
      setWord(bodyOut, newBody());
    },
    // In pieces, as a network has them.
    read(handle, at, capacity, bytesOut) {
      const body = thingOf("body", handle);
      const piece = body.bytes.subarray(body.at, body.at + Math.min(capacity, 16384));
      piece.copy(bytesAt(at, capacity));
      body.at += piece.length;
      setWord(bytesOut, piece.length);
    },
    write(handle, at, length, end, bytesOut) {
      const body = thingOf("body", handle);
      const written = Math.min(length, 16384);
      body.bytes = Buffer.concat([body.bytes, bytesAt(at, written)]);
      setWord(bytesOut, written);
    },
    append(handle, other) {
      const body = thingOf("body", handle);
      const { bytes, at } = thingOf("body", other);
      body.bytes = Buffer.concat([body.bytes, bytes.subarray(at)]);
      things[other] = undefined;
    },
  },
  fastly_http_resp: {
    new(responseOut) {
      setWord(responseOut, handleOf("response", { status: 200, headers: {} }));
    },
    status_get(response, statusOut) {
      new DataView(memory.buffer).setUint16(statusOut, thingOf("response", response).status, true);
    },
    status_set(response, status) {
      thingOf("response", response).status = status;
    },
    header_insert(response, nameAt, nameBytes, valueAt, valueBytes) {
      const { headers } = thingOf("response", response);
      headers[textAt(nameAt, nameBytes)] = textAt(valueAt, valueBytes);
    },
    send_downstream(response, body, streaming) {
      if (streaming) throw new Refusal(UNSUPPORTED);
      port.postMessage({
        answer: { ...thingOf("response", response), body: thingOf("body", body).bytes },
      });
    },
  },
};

/** A call answers with a status. What goes wrong in here is no refusal, and ends the sandbox. */
function withStatus(call) {
  return (...args) => {
    try {
      call(...args.map((arg) => arg >>> 0));
      return OK;
    } catch (error) {
      if (error instanceof Refusal) return error.status;
      throw error;
    }
  };
}

const wasi = new WASI({ version: "preview1" });
const imports = wasi.getImportObject();
for (const [name, functions] of Object.entries(calls)) {
  imports[name] = Object.fromEntries(
    Object.entries(functions).map(([call, body]) => [call, withStatus(body)]),
  );
}
const started = performance.now();
const instance = new WebAssembly.Instance(module, imports);
port.postMessage({ instantiatedMs: performance.now() - started });
memory = instance.exports.memory;
wasi.start(instance);
port.close();
