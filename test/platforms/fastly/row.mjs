// A guest of Fastly Compute, in a sandbox as the example's tests have it: it gets the cases over HTTP.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildGuest, cases, row } from "../rows.mjs";
import { startService } from "./host.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const EXAMPLE = here("../../../glue/examples/fastly");

await row("Fastly Compute guest, node:wasi", async () => {
  const module = new WebAssembly.Module(readFileSync(buildGuest(here("cases.c"), "-I", EXAMPLE)));
  const service = await startService(module, { backends: {} });
  try {
    const response = await fetch(service.url, { method: "POST", body: cases() });
    const lines = (await response.text()).trim().split("\n");
    const result = JSON.parse(lines.pop());
    lines.forEach((line) => console.log(line));
    const [instantiateMs] = service.sandboxes;
    return { version: process.versions.node, ...result, instantiateMs };
  } finally {
    await service.close();
  }
});
