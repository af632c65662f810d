// The examples for Fastly Compute, in C and in Rust, answering real HTTP in front of a real origin.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startService } from "./host.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const GUEST = here("../../../build/fastly/main.wasm");
const RUST_GUEST = here("../../../build/fastly/rust.wasm");
const PAGE_GUEST = here("../../../build/fastly/page.wasm"); // the page's sample
const FASTLY = here("node_modules/@fastly/js-compute/fastly.wasm"); // a guest of Fastly's own
const PAGE_MOST = 1 << 20; // the guest keeps no larger one

const compile = (file) => new WebAssembly.Module(readFileSync(file));
const modules = { C: compile(GUEST), Rust: compile(RUST_GUEST), page: compile(PAGE_GUEST) };
let origin;
let backends;
let asked = []; // of the origin

before(async () => {
  origin = http.createServer(async (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    let body = "";
    for await (const piece of request) body += piece;
    const { pathname, searchParams } = new URL(request.url, "http://origin");
    if (pathname === "/large") {
      response.end("x".repeat(Number(searchParams.get("bytes"))));
    } else {
      response.writeHead(pathname === "/none" ? 404 : 200, { "content-type": "text/plain" });
      response.end(`${request.method} ${request.url} ${body}${asked.length}`);
    }
  });
  origin.listen(0, "127.0.0.1");
  await once(origin, "listening");
  backends = { origin_backend: `http://127.0.0.1:${origin.address().port}` };
});

after(() => origin.close());

async function withService({ guest = "C", ...options }, use) {
  asked = [];
  const service = await startService(modules[guest], { backends, ...options });
  const get = async (path, init) => {
    const response = await fetch(service.url + path, init);
    const { status, headers } = response;
    const body = await response.text();
    await service.settled();
    return { status, cache: headers.get("x-cache"), headers, body };
  };
  try {
    await use(get, service);
  } finally {
    await service.close();
  }
}

test("by default a sandbox serves one request, so nothing is ever a HIT", () =>
  withService({}, async (get, service) => {
    for (let i = 1; i <= 3; i++) {
      const { status, cache, body, headers } = await get("/a");
      assert.deepEqual([status, cache, body], [200, "MISS", `GET /a ${i}`]);
      assert.equal(headers.get("content-type"), "text/plain");
    }
    assert.equal(service.sandboxes.length, 3);
  }));

test("a sandbox that is reused has what it has kept", () =>
  withService({ reuse: 100 }, async (get, service) => {
    assert.deepEqual(await brief(get("/a?b=1")), [200, "MISS", "GET /a?b=1 1"]);
    assert.deepEqual(await brief(get("/a?b=1")), [200, "HIT", "GET /a?b=1 1"]);
    assert.deepEqual(await brief(get("/a?b=2")), [200, "MISS", "GET /a?b=2 2"]);
    assert.deepEqual(await brief(get("/a?b=1")), [200, "HIT", "GET /a?b=1 1"]);
    assert.deepEqual(asked, ["GET /a?b=1", "GET /a?b=2"]);
    assert.equal(service.sandboxes.length, 1);
  }));

test("a sandbox that has served its share gives way to an empty one", () =>
  withService({ reuse: 2 }, async (get, service) => {
    const verdicts = [];
    for (let i = 0; i < 5; i++) verdicts.push((await get("/a")).cache);
    assert.deepEqual(verdicts, ["MISS", "HIT", "MISS", "HIT", "MISS"]);
    assert.equal(service.sandboxes.length, 3);
  }));

test("requests at the same time have a sandbox each", () =>
  withService({ reuse: 100 }, async (get, service) => {
    const verdicts = await Promise.all([get("/a"), get("/a"), get("/a")]);
    assert.deepEqual(
      verdicts.map(({ cache }) => cache),
      ["MISS", "MISS", "MISS"],
    );
    assert.equal(service.sandboxes.length, 3);
    assert.equal((await get("/a")).cache, "HIT");
  }));

test("what is no page is passed on: other methods, other statuses", () =>
  withService({ reuse: 100 }, async (get) => {
    await get("/a");
    const post = { method: "POST", body: "form " };
    assert.deepEqual(await brief(get("/a", post)), [200, "PASS", "POST /a form 2"]);
    assert.deepEqual(await brief(get("/none")), [404, "PASS", "GET /none 3"]);
    assert.deepEqual(await brief(get("/none")), [404, "PASS", "GET /none 4"]);
    assert.deepEqual(await brief(get("/a")), [200, "HIT", "GET /a 1"]);
  }));

test("pages of any size come whole, and those that fit are kept", () =>
  withService({ reuse: 100 }, async (get) => {
    for (const bytes of [
      0,
      1,
      16384,
      100_000,
      PAGE_MOST - 1,
      PAGE_MOST,
      PAGE_MOST + 1,
      3_000_000,
    ]) {
      const expected = bytes < PAGE_MOST ? ["MISS", "HIT"] : ["PASS", "PASS"];
      for (const verdict of expected) {
        const { cache, body } = await get(`/large?bytes=${bytes}`);
        assert.deepEqual([bytes, cache, body.length], [bytes, verdict, bytes]);
      }
    }
  }));

test("an origin that is not there is a bad gateway, an address too long is told", () =>
  withService({ reuse: 100, backends: {} }, async (get) => {
    assert.deepEqual(await brief(get("/a")), [502, "PASS", "Bad Gateway\n"]);
    const { status } = await get(`/${"a".repeat(8192)}`);
    assert.equal(status, 414);
  }));

test("in Rust, the page's handler: a HIT in a sandbox that is reused, else none", async () => {
  for (const [reuse, verdicts, sandboxes] of [
    [1, ["MISS", "MISS", "MISS"], 3],
    [2, ["MISS", "HIT", "MISS"], 2],
    [100, ["MISS", "HIT", "HIT"], 1],
  ]) {
    await withService({ guest: "Rust", reuse }, async (get, service) => {
      for (const verdict of verdicts) {
        const { cache, body } = await get("/a");
        assert.deepEqual([cache, body], [verdict, `GET /a ${asked.length}`]);
      }
      assert.equal(service.sandboxes.length, sandboxes);
    });
  }
  await withService({ guest: "Rust", backends: {} }, async (get) => {
    assert.deepEqual(await brief(get("/a")), [502, null, "Bad Gateway\n"]);
  });
});

test("the page's sample, as it is there: #[fastly::main] answers one request, so never a HIT", async () => {
  await withService({ guest: "page", reuse: 100 }, async (get, service) => {
    for (let i = 1; i <= 3; i++) {
      const { status, cache, body } = await get("/a");
      assert.deepEqual([status, cache, body], [200, "MISS", `GET /a ${i}`]);
    }
    assert.equal(service.sandboxes.length, 3);
  });
  await withService({ guest: "page", backends: {} }, async (get) => {
    assert.equal((await get("/a")).status, 500); // the sample returns the error
  });
});

test("the guests import what a guest of Fastly's own imports, with its types", () => {
  const known = importsOf(FASTLY);
  for (const guest of [GUEST, RUST_GUEST, PAGE_GUEST]) {
    const used = importsOf(guest);
    assert.ok(used.size >= 13 && known.size > 150, `${used.size} of ${known.size}`);
    for (const [name, type] of used) assert.equal(type, known.get(name), name);
  }
});

test("the memory of the guest in C does not grow", () => {
  const code = execFileSync("wasm-objdump", ["-d", GUEST], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  assert.ok(code.includes("memory.copy"));
  assert.ok(!code.includes("memory.grow"));
});

const brief = async (got) => {
  const { status, cache, body } = await got;
  return [status, cache, body];
};

/** "module.name" -> its type, as wasm-objdump has it: "(i32, i32) -> i32". */
function importsOf(file) {
  const dump = (section) =>
    execFileSync("wasm-objdump", ["-x", "-j", section, file], { encoding: "utf8" });
  const types = [...dump("Type").matchAll(/type\[\d+\] (.+)/g)].map(([, type]) => type);
  const functions = dump("Import").matchAll(/func\[\d+\] sig=(\d+) .*<- (\S+)/g);
  return new Map([...functions].map(([, index, name]) => [name, types[index]]));
}
