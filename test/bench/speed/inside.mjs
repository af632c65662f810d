// A cell inside a runtime that is not Node.js: as a program, or as a worker, whose clock stands still
// between two waits.

import { Ferrite } from "../../../glue/entry.js";
import { measureCell } from "./cell.mjs";

/** On the command line: the module's file, the cell as JSON. */
export async function measureInProgram() {
  const { readFileSync } = await import("node:fs");
  const { argv } = await import("node:process");
  const [path, cell] = argv.slice(2);
  const module = new WebAssembly.Module(readFileSync(path));
  const make = (options) => new Ferrite(module, options);
  console.log(JSON.stringify(await measureCell(JSON.parse(cell), make, () => performance.now())));
}

/** A worker that answers to a cell with its figures. */
export const workerOf = (module) => ({
  async fetch(request) {
    const now = () => new Promise((done) => setTimeout(() => done(Date.now()), 1));
    const make = (options) => new Ferrite(module, options);
    return Response.json(await measureCell(await request.json(), make, now));
  },
});
