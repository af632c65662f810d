// Calls every kind of method with every kind of argument, until all of it is compiled and compiled
// again. A process of its own, since what it looks for is a crash.
import { initFerrite } from "../../glue/platform/node.js";

const seed = Number(process.argv[2] ?? 1);
let state = seed;
const random = (n) => ((state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 8) % n;
const pick = (weights) => {
  let point = random(weights.reduce((sum, weight) => sum + weight, 1));
  return Math.max(
    0,
    weights.findIndex((weight) => (point -= weight) < 0),
  );
};

const cache = await initFerrite({ maxMemory: "8mb" });
const ARGUMENTS = ["key", "k1", "é", Uint8Array.of(1, 2), 5, 2.5, -0, null, undefined, 5n, {}];
ARGUMENTS.push("x".repeat(30), "x".repeat(2000), "€".repeat(40));
const CALLS = [
  (a) => cache.get(a),
  (a) => cache.getBytes(a),
  (a) => cache.getView(a),
  (a, b) => cache.set(a, b),
  (a, b) => cache.set(a, b, { ex: 60 }),
  (a, b) => cache.set(a, b, { ex: b }),
  (a, b) => cache.call("SET", a, b),
  (a) => cache.callBytes("GET", a),
  (a, b) => cache.setrange(a, 0, b),
  (a, b) => cache.append(a, b),
  (a, b) => cache.incrby(a, b),
  (a, b) => cache.mset(a, b),
  (a, b) => cache.del(a, b),
  (a, b) => cache.expire(a, b),
  (a, b) => cache.getrange(a, b, b),
  (a, b) => cache.bitcount(a, b, b),
  (a, b) => cache.bitfield(a, ["SET", "u8", b, 1]),
  (a, b) => cache.lcs(a, b),
  (a, b) => cache.sadd("set", a, b),
  (a) => cache.srandmember("set", a),
  (a) => cache.sscan("set", 0, { match: a }),
  (a, b) => cache.hincrbyfloat("hash", a, b),
  (a, b) => cache.lpos("list", a, { rank: b }),
  (a, b) => cache.blpop([a, "list"], b),
  (a, b) => cache.exec(`SET k ${b}\r\n`),
  (a) => cache.feed(a),
];
const callWeights = CALLS.map(() => random(4));
const argumentWeights = ARGUMENTS.map(() => random(5));
for (let i = 0; i < 150_000; i++) {
  const a = ARGUMENTS[pick(argumentWeights)];
  const b = random(3) ? ARGUMENTS[pick(argumentWeights)] : random(100);
  try {
    CALLS[pick(callWeights)](a, b);
  } catch (error) {
    if (error.name !== "FerriteError") throw error;
  }
}
console.log(`seed ${seed}: done`);
