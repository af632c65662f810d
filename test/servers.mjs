// The two servers that clients are tried on: redis-server, and the server of the package.

import { once } from "node:events";
import { connect, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { freshDirectory, keep } from "./keeper.mjs";

const PATIENCE_MS = 10_000;
const FERRITE = fileURLToPath(new URL("../glue/server/main.js", import.meta.url));

const COMMANDS = {
  redis: (port, directory) => [
    "redis-server",
    ...["--port", port, "--dir", directory, "--save", "", "--maxmemory", "256mb"],
    ...["--enable-debug-command", "local"], // Redis's own tests use it
  ],
  ferrite: (port) => [
    process.execPath,
    FERRITE,
    ...["serve", "--port", port, "--maxmemory", "256mb", "--policy", "noeviction"],
  ],
};

/** Starts "redis" or "ferrite" on a free port of the loopback -> { port, log(), stop() } */
export async function startServer(name) {
  const port = await freePort();
  const directory = freshDirectory();
  const [program, ...words] = COMMANDS[name](`${port}`, directory);
  const { log, stop } = keep(directory, program, words);
  for (const giveUp = Date.now() + PATIENCE_MS; !(await listens(port)); ) {
    if (Date.now() < giveUp) continue;
    await stop();
    throw new Error(`${name} does not start: ${log()}`);
  }
  return { port, log, stop };
}

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function listens(port) {
  const socket = connect(port, "127.0.0.1");
  const opened = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  if (!opened) await new Promise((resolve) => setTimeout(resolve, 20));
  return opened;
}
