// redis-benchmark: its whole default list, as it is and with its options, without an error.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { PORT } from "./clients.mjs";

const REQUESTS = 2000;

// The tests of the list, by the titles it gives them.
const LIST = [
  ["PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "LPUSH", "RPUSH", "LPOP", "RPOP", "SADD"],
  ["HSET", "SPOP", "ZADD", "ZPOPMIN", "LPUSH (needed to benchmark LRANGE)"],
  [100, 300, 500, 600].map((n) => `LRANGE_${n} (first ${n} elements)`),
  ["MSET (10 keys)"],
].flat();

for (const options of [[], ["-P", "16"], ["-3", "-r", "1000"]]) {
  test(`redis-benchmark ${options.join(" ")}`, async () => {
    const given = ["-p", `${PORT}`, "-n", `${REQUESTS}`, "-q", "--csv", ...options];
    const { stdout, stderr } = await promisify(execFile)("redis-benchmark", given);
    assert.equal(stderr, "");
    const rows = stdout.trim().split("\n").slice(1);
    const measured = rows.map((row) => /^"(.*?)","([\d.]+)"/.exec(row));
    assert.deepEqual(
      measured.map(([, title]) => title),
      LIST,
    );
    for (const [row, , each] of measured) assert.ok(Number(each) > 0, row);
  });
}

test("redis-benchmark with a request that is an error says so", async () => {
  const given = ["-p", `${PORT}`, "-n", "10", "-q", "GET"];
  await assert.rejects(promisify(execFile)("redis-benchmark", given), (error) => {
    assert.match(error.stdout + error.stderr, /wrong number of arguments/);
    return true;
  });
});
