// The server of @vercel/node that "vercel dev" forks: it runs a function, in edge-runtime or on
// Node.js.
import { fork } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const SERVER = join(createRequire(import.meta.url).resolve("@vercel/node"), "../dev-server.mjs");
const TYPESCRIPT = pathToFileURL(createRequire(SERVER).resolve("tsx")); // it comes with the server

/** Serves a function of a project until the test is over -> { url, said(): what it has printed }. */
export async function serveInDev(t, folder, entry, variables) {
  let said = "";
  const env = {
    ...process.env,
    ...variables,
    NODE_OPTIONS: `--import ${TYPESCRIPT}`,
    VERCEL_DEV_ENTRYPOINT: entry,
    VERCEL_DEV_CONFIG: JSON.stringify({ zeroConfig: true }),
  };
  const server = fork(SERVER, [], { cwd: folder, env, execArgv: [], silent: true });
  const gone = once(server, "close");
  for (const stream of [server.stdout, server.stderr]) stream.on("data", (text) => (said += text));
  t.after(async () => {
    if (server.connected) server.send("shutdown");
    await gone;
  });
  const ended = gone.then(([status]) => {
    throw new Error(`it ended with ${status}: ${said}`);
  });
  const [{ port }] = await Promise.race([once(server, "message"), ended]);
  ended.catch(() => {}); // from now on, as the test wants it
  return { url: `http://127.0.0.1:${port}`, said: () => said };
}
