// workerd, on a folder that "wrangler deploy --dry-run" has made.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import workerdPackage from "workerd";
import { freePort } from "../../servers.mjs";

const WORKERD = workerdPackage.default; // the program itself

/** Writes a configuration: one worker of all modules in `folder`, in front of an origin at `origin`. */
export function configure(folder, { address = "", origin = "127.0.0.1:9", bindings = "" }) {
  const names = readdirSync(folder).filter((name) => /\.(js|wasm)$/.test(name));
  names.sort((a, b) => a.endsWith(".wasm") - b.endsWith(".wasm")); // the first is the worker's
  const modules = names.map((name) => {
    const kind = name.endsWith(".js") ? "esModule" : "wasm";
    return `(name = "${name}", ${kind} = embed "${name}")`;
  });
  const socket = `(name = "http", address = "${address}", http = (), service = "main")`;
  const file = join(folder, "workerd.capnp");
  writeFileSync(
    file,
    `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [(name = "main", worker = .worker),
                  (name = "origin", external = (address = "${origin}", http = ()))],
      sockets = [${address && socket}]
    );
    const worker :Workerd.Worker = (
      modules = [${modules.join(", ")}],
      bindings = [${bindings}],
      compatibilityDate = "2024-01-01",
      globalOutbound = "origin"
    );`,
  );
  return file;
}

/** "workerd test" -> { status, said }. */
export async function runTests(file) {
  const workerd = spawn(WORKERD, ["test", file], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [workerd.stdout, workerd.stderr])
    stream.on("data", (text) => (said += text));
  const [status] = await once(workerd, "close");
  return { status, said };
}

/** "workerd serve", until the test is over -> its address, once it listens there. */
export async function serve(t, folder, options) {
  const port = await freePort();
  const file = configure(folder, { ...options, address: `127.0.0.1:${port}` });
  const workerd = spawn(WORKERD, ["serve", file], { stdio: ["ignore", "ignore", "inherit"] });
  const gone = once(workerd, "exit");
  t.after(async () => {
    workerd.kill();
    await gone;
  });
  for (let i = 0; i < 100; i++) {
    if (workerd.exitCode !== null) throw new Error(`workerd ended with ${workerd.exitCode}`);
    if (await listens(port)) return `http://127.0.0.1:${port}`;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("workerd does not listen");
}

function listens(port) {
  const socket = connect(port, "127.0.0.1");
  const opened = once(socket, "connect").then(
    () => true,
    () => false,
  );
  return opened.finally(() => socket.destroy());
}
