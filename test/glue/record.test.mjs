// A recorded session replays: the calls are made again, elsewhere, and answer the same.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createFerrite, initFerrite } from "../../glue/platform/node.js";

const REPLAY = fileURLToPath(new URL("../replay/replay.mjs", import.meta.url));
const GLUE = new URL("../../glue/platform/node.js", import.meta.url).href;

const SESSION = `
  let time = 1.8e12;
  const options = { maxMemory: "512kb", now: () => (time += 250) };
  const session = (cache) => {
    for (let i = 0; i < 3000; i++) {
      cache.set("key:" + i % 400, "v".repeat(i % 2000), { ex: 1 + i % 100 });
      cache.get("key:" + i % 300);
      cache.zadd("scores", [i, "member:" + i % 50]);
    }
    cache.set("large", "x".repeat(100_000));
    cache.getBytes("large");
    cache.exec("SET a b\\r\\nMGET a large key:1 key:2\\r\\n", { resp: 3 });
    cache.get("k".repeat(5000));
    cache.keys("*");
    cache.info();
    try { cache.incr("a"); } catch {}
  };
`;

function folder(t) {
  const path = mkdtempSync(join(tmpdir(), "ferrite-record-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

/** The last line of a replay: how many calls there were, and how many were answered otherwise. */
function replay(file) {
  const { stdout, stderr } = spawnSync(process.execPath, [REPLAY, file, "1000000"]);
  assert.equal(stderr.toString(), "");
  return stdout.toString().trimEnd().split("\n").at(-1);
}

test("record is given all that is needed to make the same calls again", async (t) => {
  const pieces = [];
  const { options, session } = new Function(`${SESSION} return { options, session }`)();
  const cache = await initFerrite({ ...options, record: (bytes) => pieces.push(bytes) });
  session(cache);
  const file = join(folder(t), "recording");
  writeFileSync(file, Buffer.concat(pieces));
  assert.match(replay(file), /^9\d\d\d calls, 0 answered otherwise;/);
});

test("FERRITE_RECORD names the file, of the second cache file.2", (t) => {
  const path = join(folder(t), "recording");
  const code = `
    import { createFerrite, initFerrite } from ${JSON.stringify(GLUE)};
    ${SESSION}
    session(await initFerrite(options));
    session(await initFerrite({ ...options, evictionPolicy: "volatile-ttl" }));
    await initFerrite(5).catch(({ code }) => console.log(code));
  `;
  const env = { ...process.env, FERRITE_RECORD: path };
  const out = execFileSync(process.execPath, ["--input-type=module", "-e", code], { env });
  assert.equal(out.toString(), "ARGUMENT\n");
  for (const file of [path, `${path}.2`])
    assert.match(replay(file), /^9\d\d\d calls, 0 answered otherwise;/);
  assert.equal(existsSync(`${path}.3`), false);
});

test("what happened last is in the file, even if the process did not come to its end", (t) => {
  const path = join(folder(t), "recording");
  const code = `
    import { initFerrite } from ${JSON.stringify(GLUE)};
    const cache = await initFerrite();
    cache.set("key", "value");
    process.kill(process.pid, "SIGKILL");
  `;
  const env = { ...process.env, FERRITE_RECORD: path };
  const { signal } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { env });
  assert.equal(signal, "SIGKILL");
  assert.ok(readFileSync(path).includes("keyvalue"));
  assert.match(replay(path), /^2 calls, 0 answered otherwise;/);
});

test("a record that is no function is refused", () => {
  const wasm = readFileSync(new URL("../../glue/ferrite.wasm", import.meta.url));
  for (const record of [null, "file", 1, {}]) {
    assert.throws(() => createFerrite(wasm, { record }), { code: "ARGUMENT", message: /record/ });
  }
});

test("a record that cannot go on stops the cache", () => {
  const wasm = readFileSync(new URL("../../glue/ferrite.wasm", import.meta.url));
  let room = 20; // pieces
  const record = () => assert.ok(room-- > 0, "no space left");
  const cache = createFerrite(wasm, { record });
  const broken = { code: "BROKEN", message: /no space left/ };
  assert.throws(() => {
    for (let i = 0; i < 20; i++) cache.set("key", i);
  }, broken);
  assert.throws(() => cache.get("key"), broken);
});
