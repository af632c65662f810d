// Prints what llvm-cov's summary (standard input) says of each room of src, and fails if less than so
// many percent of lines or of branches are covered. build/coverage/lines.txt has every line; what is
// left, and why, is in coverage.md.
import { readFileSync } from "node:fs";

const [least_lines, least_branches] = process.argv.slice(2).map(Number);
const { files, totals } = JSON.parse(readFileSync(0, "utf8")).data[0];

const rooms = new Map();
for (const { filename, summary } of files) {
  const room = filename.match(/src\/(\w+)\//)[1];
  const sums = rooms.get(room) ?? {
    lines: { count: 0, covered: 0 },
    branches: { count: 0, covered: 0 },
  };
  for (const kind of ["lines", "branches"])
    for (const figure of ["count", "covered"]) sums[kind][figure] += summary[kind][figure];
  rooms.set(room, sums);
}

function print(name, { lines, branches }) {
  const share = ({ count, covered }) =>
    `${((covered / count) * 100).toFixed(2)}% (${count - covered} of ${count} not)`;
  console.log(`${name.padEnd(8)} lines ${share(lines).padEnd(26)} branches ${share(branches)}`);
}

for (const [room, sums] of [...rooms].sort()) print(room, sums);
print("all", totals);
const { lines, branches } = totals;
process.exitCode = lines.percent < least_lines || branches.percent < least_branches ? 1 : 0;
