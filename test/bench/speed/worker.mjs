// workerd with one worker, a file beside which ferrite.wasm lies.
//
//   node test/bench/speed/worker.mjs FILE.mjs BODY      asks it once, and prints its answer

import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { requireTool } from "./runtimes.mjs";

const configuration = (file) => `
  using Workerd = import "/workerd/workerd.capnp";
  const config :Workerd.Config = (
    services = [(name = "main", worker = .worker)],
    sockets = [(name = "http", http = (), service = "main")]
  );
  const worker :Workerd.Worker = (
    modules = [(name = "worker.mjs", esModule = embed "${basename(file)}"),
               (name = "ferrite.wasm", wasm = embed "ferrite.wasm")],
    compatibilityDate = "2026-04-01",
    compatibilityFlags = ["nodejs_compat"],
  );`;

/** The port, which comes as a line of JSON on a stream of its own. */
async function portOf(workerd) {
  let text = "";
  for await (const piece of workerd.stdio[3]) {
    text += piece;
    const [, port] = /"port":(\d+)/.exec(text) ?? [];
    if (port) return port;
  }
  throw new Error("workerd has ended");
}

/** -> { ask(body) -> its answer as text, stop() } */
export async function startWorker(file) {
  const config = join(dirname(file), `${process.pid}.capnp`);
  writeFileSync(config, configuration(file));
  const words = ["serve", "--control-fd=3", "--socket-addr=http=127.0.0.1:0", config];
  const workerd = spawn(requireTool("workerd").default, words, {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const gone = once(workerd, "exit");
  const stop = async () => {
    workerd.kill();
    await gone;
    rmSync(config);
  };
  try {
    const url = `http://127.0.0.1:${await portOf(workerd)}`;
    const ask = async (body) => {
      const response = await fetch(url, { method: "POST", body });
      const text = await response.text();
      if (response.ok) return text;
      throw new Error(`the worker answered ${response.status}: ${text}`);
    };
    return { ask, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file, body] = process.argv.slice(2);
  const worker = await startWorker(file);
  try {
    console.log(await worker.ask(body));
  } finally {
    await worker.stop();
  }
}
