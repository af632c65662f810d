// The crate, natively, by the PATH's cargo or Debian's: its own player of the cases.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { directory, NotRun, row } from "../rows.mjs";

const CRATE = fileURLToPath(new URL("../../../glue/rust", import.meta.url));
const LINE = /^cases: (\d+) passed, (\d+) failed; ms: \[(\S+), (\S+)\]$/m;

const run = (program, args, env = {}) =>
  spawnSync(program, args, { cwd: CRATE, env: { ...process.env, ...env }, encoding: "utf8" });

await row("Rust, native", () => {
  const bin = ["", "/usr/bin/"].find((bin) => run(`${bin}rustc`, ["-V"]).status === 0);
  if (bin === undefined) throw new NotRun("rustc is not here");
  const version = /rustc (\S+)/.exec(run(`${bin}rustc`, ["-V"]).stdout)[1];
  const env = { RUSTC: `${bin}rustc`, CARGO_TARGET_DIR: directory("rust") };
  const words = ["test", "--release", "--test", "cases", "--", "--nocapture"];
  const { stdout, stderr } = run(`${bin}cargo`, words, env);
  const counted = LINE.exec(stdout);
  if (!counted) throw new Error(`${stdout}${stderr}`);
  const [passed, failed, instantiateMs, firstRequestMs] = counted.slice(1).map(Number);
  if (failed > 0) console.log(stdout);
  return { version, passed, failed, instantiateMs, firstRequestMs };
});
