// Starts the edge: workerd, the runtime of Cloudflare Workers, with worker.mjs and the package's own
// files as they are.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import workerd from "workerd";

const GLUE = new URL("../../", import.meta.url);

// By the names that they import each other by.
const MODULES = {
  "worker.mjs": new URL("worker.mjs", import.meta.url),
  "handler.mjs": new URL("handler.mjs", import.meta.url),
  "@ferrite/edge": new URL("platform/workerd.js", GLUE),
  "ferrite.wasm": new URL("ferrite.wasm", GLUE),
};
for (const name of readdirSync(GLUE)) {
  if (name.endsWith(".js")) MODULES[name] = new URL(name, GLUE);
}

/** -> { url, ask() -> the cache's figures, stop() } */
export async function startEdge({ origin, maxMemory }) {
  const folder = mkdtempSync(join(tmpdir(), "ferrite-demo-"));
  const file = join(folder, "edge.capnp");
  writeFileSync(file, configuration(folder, origin, maxMemory));
  // It tells on a stream of its own where it listens.
  const options = ["serve", "--control-fd=3", "--socket-addr=http=127.0.0.1:0", file];
  const server = spawn(workerd.default, options, {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const gone = once(server, "exit");
  gone.then(() => rmSync(folder, { recursive: true }));
  const port = await Promise.race([
    listening(server.stdio[3]),
    gone.then(([code]) => refuse(code)),
  ]);
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    ask: async () => (await fetch(`${url}/figures`)).json(),
    stop: () => (server.kill(), gone),
  };
}

function refuse(code) {
  throw new Error(`workerd has ended with ${code}`);
}

/** The port, which comes as a line of JSON. */
async function listening(stream) {
  let text = "";
  for await (const piece of stream) {
    text += piece;
    const [, port] = /"port":(\d+)/.exec(text) ?? [];
    if (port) return port;
  }
  return new Promise(() => {}); // it has ended
}

function configuration(folder, origin, maxMemory) {
  const modules = Object.entries(MODULES).map(([name, url]) => {
    const kind = name.endsWith(".wasm") ? "wasm" : "esModule";
    return `(name = "${name}", ${kind} = embed "${relative(folder, fileURLToPath(url))}")`;
  });
  return `
    using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [
        (name = "edge", worker = .edge),
        (name = "origin", external = (address = "${new URL(origin).host}", http = ())),
      ],
      sockets = [(name = "http", http = (), service = "edge")],
    );
    const edge :Workerd.Worker = (
      compatibilityDate = "2026-04-01",
      modules = [${modules.join(", ")}],
      bindings = [
        (name = "ORIGIN", text = "${origin}"),
        (name = "MAX_MEMORY", text = "${maxMemory}"),
      ],
      globalOutbound = "origin",
    );`;
}
