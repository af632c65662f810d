// The C library in a WASI guest over node:wasi.
import { fileURLToPath } from "node:url";
import { buildGuest, played, row } from "../rows.mjs";

const HOST = fileURLToPath(new URL("host.mjs", import.meta.url));
// With V8's fast calls node:wasi of Node.js 20 goes on with the memory that a growing one has left.
const FLAGS = ["--no-warnings", "--no-turbo-fast-api-calls"];

await row("node:wasi, WASI guest", () => {
  const guest = buildGuest();
  const { said, ...result } = played(process.execPath, FLAGS, HOST, guest);
  return { version: process.versions.node, ...result, instantiateMs: Number(said) };
});
