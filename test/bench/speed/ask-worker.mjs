// Starts workerd with one worker, asks it once, and prints its answer.
//
//   node test/bench/speed/ask-worker.mjs FILE.mjs BODY      with ferrite.wasm beside the file

import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { requireTool } from "./runtimes.mjs";

const [file, body] = process.argv.slice(2);
const config = join(dirname(file), `${process.pid}.capnp`);
writeFileSync(
  config,
  `using Workerd = import "/workerd/workerd.capnp";
  const config :Workerd.Config = (
    services = [(name = "main", worker = .worker)],
    sockets = [(name = "http", http = (), service = "main")]
  );
  const worker :Workerd.Worker = (
    modules = [(name = "worker.mjs", esModule = embed "${basename(file)}"),
               (name = "ferrite.wasm", wasm = embed "ferrite.wasm")],
    compatibilityDate = "2026-04-01",
    compatibilityFlags = ["nodejs_compat"],
  );`,
);
const words = ["serve", "--control-fd=3", "--socket-addr=http=127.0.0.1:0", config];
const workerd = spawn(requireTool("workerd").default, words, {
  stdio: ["ignore", "inherit", "inherit", "pipe"],
});
const gone = once(workerd, "exit");

/** The port, which comes as a line of JSON on a stream of its own. */
async function port() {
  let text = "";
  for await (const piece of workerd.stdio[3]) {
    text += piece;
    const [, port] = /"port":(\d+)/.exec(text) ?? [];
    if (port) return port;
  }
  throw new Error(`workerd has ended with ${await gone}`);
}

try {
  const response = await fetch(`http://127.0.0.1:${await port()}`, { method: "POST", body });
  console.log(await response.text());
  process.exitCode = response.ok ? 0 : 1;
} finally {
  workerd.kill();
  await gone;
  rmSync(config);
}
