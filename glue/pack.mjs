/*
 * Makes the package as it is published, at most 142 KiB packed: the core is one file there, and the
 * server, the tier and snapshots are others, all without comments.
 *
 *     node pack.mjs FOLDER     which is made anew
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const GLUE = fileURLToPath(new URL(".", import.meta.url));
const AS_THEY_ARE = [
  "LICENSE",
  "README.md",
  "ferrite.wasm",
  "index.d.ts",
  "platform",
  "snapshot.d.ts",
  "tier.d.ts",
];

const folder = process.argv[2];
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const name of AS_THEY_ARE) {
  cpSync(join(GLUE, name), join(folder, name), { recursive: true });
}

// What more than one bundle imports stays a file of its own.
const SHARED = ["error.js", "compile.js", "platform/node.js", "server/server.js"].map((name) =>
  join(GLUE, name),
);
const apart = {
  name: "apart",
  setup({ onResolve, initialOptions }) {
    const here = dirname(initialOptions.entryPoints[0]);
    onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
      const file = join(resolveDir, path);
      const name = relative(here, file);
      return SHARED.includes(file)
        ? { path: name.startsWith(".") ? name : `./${name}`, external: true }
        : undefined;
    });
  },
};
// Deno, without npm, is told by a comment where the types of a file are.
const typesOf = (name) =>
  /^\/\/ @ts-self-types=.*$/m.exec(readFileSync(join(GLUE, name), "utf8"))?.[0] ?? "";
const bundle = (name, platform) =>
  build({
    entryPoints: [join(GLUE, name)],
    banner: { js: typesOf(name) },
    outfile: join(folder, name),
    bundle: true,
    plugins: [apart],
    format: "esm",
    target: "es2022",
    platform,
    minify: true,
    logLevel: "warning",
  });
await bundle("error.js", "neutral");
await bundle("compile.js", "neutral");
await bundle("entry.js", "neutral");
for (const name of ["server", "main", "in-process"]) await bundle(`server/${name}.js`, "node");
await bundle("tier/index.js", "neutral");
await bundle("snapshot.js", "neutral");

// An adapter stays a file of its own: nobody has all of those libraries.
const adapters = readdirSync(join(GLUE, "adapters"));
const ofAdapters = (ending) => adapters.filter((name) => name.endsWith(ending));
await build({
  entryPoints: ofAdapters(".js").map((name) => join(GLUE, "adapters", name)),
  outdir: join(folder, "adapters"),
  format: "esm",
  target: "es2022",
  minify: true,
  logLevel: "warning",
});
for (const name of [...ofAdapters(".d.ts"), ...ofAdapters(".md")])
  cpSync(join(GLUE, "adapters", name), join(folder, "adapters", name));

const {
  private: _,
  scripts,
  devDependencies,
  ...manifest
} = JSON.parse(readFileSync(join(GLUE, "package.json"), "utf8"));
writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
