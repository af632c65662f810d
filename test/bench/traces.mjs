// The request traces that there are: the whole ones in a folder, else the slice in test/traces.

import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** -> [{ name, path }]. `quick` asks for the slice; `only` names traces, with commas between. */
export function findTraces(benchmark, { traces: folder, quick, only }) {
  const slice = fileURLToPath(new URL("../traces/web07.kvt2.gz", import.meta.url));
  if (quick || !existsSync(folder)) {
    console.log(
      `${benchmark}: the slice of web07 in test/traces alone, as the whole traces are not`,
    );
    console.log(`asked for, or not there (${folder}).`);
    return [{ name: "web07 (slice)", path: slice }];
  }
  return readdirSync(folder)
    .filter((file) => file.endsWith(".kvt2.gz"))
    .sort()
    .map((file) => ({ name: file.replace(".kvt2.gz", ""), path: `${folder}/${file}` }))
    .filter(({ name }) => !only || only.split(",").includes(name));
}
