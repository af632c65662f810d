// edge-runtime, where nothing may be compiled at run time.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { EdgeRuntime } from "edge-runtime";
import { build } from "esbuild";

export const { version } = createRequire(import.meta.url)("edge-runtime/package.json");

/**
 * Runs a program of a project -> the runtime, once all of it has run. It is bundled as @vercel/node
 * bundles functions, but for an await at the top level, which that refuses: here all is in a function.
 */
export async function runInEdge(folder, entry, env = {}) {
  const modules = {};
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: [entry],
    platform: "browser",
    conditions: ["edge-light"],
    target: "node20",
    format: "esm",
    bundle: true,
    write: false,
    banner: { js: "(async () => {" },
    footer: { js: "})()" },
    plugins: [compileInto(modules)],
  });
  const runtime = new EdgeRuntime({
    codeGeneration: { wasm: false, strings: false },
    extend: (context) => Object.assign(context, { process: { env }, ...modules }),
  });
  await runtime.evaluate(outputFiles[0].text);
  return runtime;
}

/** A plugin: what is imported as "x.wasm?module" is compiled beforehand, and found among the globals. */
const compileInto = (modules) => ({
  name: "?module",
  setup(bundler) {
    bundler.onResolve(
      { filter: /\.wasm\?module$/ },
      async ({ path, importer, resolveDir, kind }) => {
        const file = path.replace("?module", "");
        const found = await bundler.resolve(file, { importer, resolveDir, kind });
        return { errors: found.errors, path: found.path, namespace: "module" };
      },
    );
    bundler.onLoad({ namespace: "module", filter: /./ }, async ({ path }) => {
      const name = `wasm_${Object.keys(modules).length}`;
      modules[name] = await WebAssembly.compile(await readFile(path));
      return { contents: `export default globalThis.${name}` };
    });
  },
});
