// An app that uses the package, built by each bundler for browsers and for Node.js, and run there: in
// Chromium under a strict Content-Security-Policy.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createServer } from "vite";
import { visit, visitFolder } from "../browsers/visit.mjs";
import { freePort } from "../../servers.mjs";
import { createProject, link } from "../project.mjs";

const STRICT = "default-src 'none'; connect-src 'self'; script-src 'self'";
const WASM_ALLOWED = `${STRICT} 'wasm-unsafe-eval'`;

const USE = `
  cache.set("page:/", "<h1>Hello €</h1>", { ex: 60 });
  let wrong;
  try { cache.incr("page:/"); } catch (error) { wrong = error; }
  const right = wrong instanceof FerriteError && cache.memory.buffer.byteLength <= 1 << 20;
  return [cache.get("page:/"), cache.ttl("page:/"), right].join();`;
const SAID = "<h1>Hello €</h1>,60,true";

const app = (how, say) => `${how}
  async function use() {
    const cache = await make({ maxMemory: "1mb" });${USE}
  }
  use().catch(String).then((text) => ${say});`;
const inBrowser = (how) => app(how, 'fetch("/said", { method: "POST", body: text })');
const inNode = (how) => app(how, "console.log(text)");

const PLAIN = 'import { initFerrite as make, FerriteError } from "@ferrite/edge";';
// esbuild does not know new URL(..., import.meta.url), but knows imports of files.
const AS_FILE = `import { initFerrite, FerriteError } from "@ferrite/edge";
  import file from "@ferrite/edge/ferrite.wasm";
  const make = (options) => initFerrite(fetch(new URL(file, import.meta.url)), options);`;
const AS_BYTES = `import { initFerrite, FerriteError } from "@ferrite/edge";
  import bytes from "@ferrite/edge/ferrite.wasm";
  const make = (options) => initFerrite(bytes, options);`;
const PAGE = '<!doctype html><script type="module" src="/app.js"></script>';

const rollupConfig = (options) => `
  import { nodeResolve } from "@rollup/plugin-node-resolve";
  import { importMetaAssets } from "@web/rollup-plugin-import-meta-assets";
  export default {
    input: "app.js",
    output: { dir: "out", entryFileNames: "app.js" },
    external: /^node:/,
    plugins: [nodeResolve(${options}), importMetaAssets()],
  };`;
const webpackConfig = (target) => `
  export default {
    mode: "production",
    target: "${target}",
    entry: "./app.js",
    output: { path: process.cwd() + "/out", filename: "${target === "node" ? "app.cjs" : "app.js"}" },
  };`;

const forBrowsers = {
  esbuild: {
    files: { "app.js": inBrowser(AS_FILE) },
    build: "esbuild app.js --bundle --minify --format=esm --loader:.wasm=file --outdir=out",
  },
  rollup: {
    files: { "app.js": inBrowser(PLAIN), "rollup.config.js": rollupConfig("{ browser: true }") },
    build: "rollup -c --silent",
  },
  webpack: {
    files: { "app.js": inBrowser(PLAIN), "webpack.config.js": webpackConfig("web") },
    build: "webpack",
  },
  vite: {
    files: { "app.js": inBrowser(PLAIN), "index.html": PAGE },
    build: "vite build --outDir out --logLevel warn",
  },
};

const forNode = {
  esbuild: {
    files: { "app.js": inNode(AS_BYTES) },
    build:
      "esbuild app.js --bundle --platform=node --target=node18 --format=esm --loader:.wasm=binary --outdir=out",
  },
  rollup: {
    files: {
      "app.js": inNode(PLAIN),
      "rollup.config.js": rollupConfig('{ exportConditions: ["node"] }'),
    },
    build: "rollup -c --silent",
  },
  webpack: {
    files: { "app.js": inNode(PLAIN), "webpack.config.js": webpackConfig("node") },
    build: "webpack",
  },
  // Which leaves packages to Node.js.
  vite: {
    files: { "app.js": inNode(PLAIN) },
    build: "vite build --ssr app.js --outDir out --logLevel warn",
  },
};

async function built(t, { files, build }) {
  const project = createProject(t, files);
  link(project, "@rollup", "@web");
  const [tool, ...args] = build.split(" ");
  await project.run(tool, ...args);
  return project;
}

for (const [name, recipe] of Object.entries(forBrowsers)) {
  test(`${name}, for browsers`, async (t) => {
    const { folder } = await built(t, recipe);
    const out = join(folder, "out");
    if (!readdirSync(out).includes("index.html")) writeFileSync(join(out, "index.html"), PAGE);
    assert.equal(await visitFolder(out, WASM_ALLOWED), SAID);
  });
}

for (const [name, recipe] of Object.entries(forNode)) {
  test(`${name}, for Node.js`, async (t) => {
    const { folder, run } = await built(t, recipe);
    const file = readdirSync(join(folder, "out")).find((name) => /^app\.\w+$/.test(name));
    assert.equal(await run("node", `out/${file}`), `${SAID}\n`);
  });
}

/** What a page says that vite's development server gives out. */
async function served(t, how, config) {
  const { folder } = createProject(t, { "app.js": inBrowser(how), "index.html": PAGE });
  let say;
  const said = new Promise((resolve) => (say = resolve));
  const listen = {
    name: "said",
    configureServer({ middlewares }) {
      middlewares.use("/said", async (request, response) => {
        let text = "";
        for await (const piece of request) text += piece;
        response.end();
        say(text);
      });
    },
  };
  const server = await createServer({
    root: folder,
    configFile: false,
    logLevel: "error",
    server: { host: "127.0.0.1", port: await freePort(), strictPort: true, ws: false },
    plugins: [listen],
    ...config,
  });
  await server.listen();
  try {
    return await visit(server.resolvedUrls.local[0], said);
  } finally {
    await server.close();
  }
}

// It makes one file of a dependency, elsewhere, from where there is no way to what lies beside the package.
test("vite's development server has the file if it is asked for, or leaves the package as it is", async (t) => {
  const asUrl = `import { initFerrite, FerriteError } from "@ferrite/edge";
    import url from "@ferrite/edge/ferrite.wasm?url";
    const make = (options) => initFerrite(fetch(url), options);`;
  assert.equal(await served(t, asUrl), SAID);
  assert.equal(await served(t, PLAIN, { optimizeDeps: { exclude: ["@ferrite/edge"] } }), SAID);
  assert.match(
    await served(t, PLAIN),
    /^FerriteError: .*\/ferrite\.wasm is no WebAssembly, but text\/html/,
  );
});

test("without a bundler: a folder of the package's files, and an import map", async (t) => {
  const { folder } = createProject(t, {
    "app.js": inBrowser(
      PLAIN.replace("@ferrite/edge", "/node_modules/@ferrite/edge/platform/browser.js"),
    ),
    "index.html": PAGE,
  });
  assert.equal(await visitFolder(folder, WASM_ALLOWED), SAID);
  assert.match(await visitFolder(folder, STRICT), /CompileError: .*Content Security Policy/);
});
