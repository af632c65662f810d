// What the rows of the table of platforms have in common. A row is test/platforms/NAME/row.mjs, a
// program whose last line is JSON:
//
//     {"runtime", "version", "passed", "failed", "instantiateMs", "firstRequestMs"}
//     {"runtime", "notRun": why}
//
// `passed` and `failed` count the cases of test/cases; a time that means nothing there is left out.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const MODULE = `${ROOT}build/ferrite.wasm`;
export const PLAYER = `${ROOT}test/cases/play.c`;

const CASES = `${ROOT}test/cases/`;
const WASI_LIBC = "/usr/lib/wasm32-wasi";
const WASI_BUILTINS = "/usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a";

/** Why a row cannot be run on this machine: no failure, and no success. */
export class NotRun extends Error {}

/** All tables, one behind the other. */
export function cases() {
  const names = readdirSync(CASES).filter((name) => name.endsWith(".txt"));
  return names.map((name) => readFileSync(CASES + name, "utf8")).join("");
}

/** A directory of the build, for the row's own files. */
export function directory(name) {
  const path = `${ROOT}build/platforms/${name}/`;
  mkdirSync(path, { recursive: true });
  return path;
}

export function needFile(path, what) {
  if (!existsSync(path)) throw new NotRun(`${what} is not here`);
  return path;
}

/** Runs a program that builds something; what it prints matters only if it fails. */
export function build(program, ...words) {
  try {
    return execFileSync(program, words.flat(), { encoding: "utf8", stdio: "pipe", cwd: ROOT });
  } catch (error) {
    if (error.code === "ENOENT") throw new NotRun(`${program} is not here`);
    throw error;
  }
}

/** Runs a player of the cases: what its last line says, and what it `said` on standard error. */
export function played(program, ...words) {
  const options = { input: cases(), encoding: "utf8", timeout: 120_000, maxBuffer: 1 << 28 };
  const { stdout, stderr, status, error } = spawnSync(program, words.flat(), options);
  const lines = `${stdout}`.trim().split("\n");
  const last = lines.pop();
  if (!last.startsWith("{"))
    throw new Error(`it ended with ${status}: ${lines.join("\n")}${last}${stderr}${error ?? ""}`);
  lines.forEach((line) => console.log(line));
  return { ...JSON.parse(last), said: stderr };
}

/** Compiles a source for a guest over WASI: the object's path. */
export function compileGuest(source, ...flags) {
  needFile(`${WASI_LIBC}/libc.a`, "wasi-libc");
  needFile(WASI_BUILTINS, "compiler-rt for wasm32");
  const object = `${directory("guest")}${basename(source)}.o`;
  const includes = ["-isystem", "/usr/include/wasm32-wasi", "-I", "include"];
  const usual = ["--target=wasm32-wasi", "-std=c11", "-O2", includes].flat();
  build("clang-19", usual, flags, "-c", source, "-o", object);
  return object;
}

/** Links objects, the cache and WASI's libc: the guest's path. */
export function linkGuest(name, ...objects) {
  const guest = `${directory("guest")}${name}.wasm`;
  const library = `${ROOT}build/wasm32/libferrite.a`;
  const libraries = [library, `${WASI_LIBC}/libc.a`, WASI_BUILTINS];
  build("wasm-ld-19", objects, libraries, "-o", guest);
  return guest;
}

/** A program, the cases' player if none is named, as a guest that needs nothing else: its path. */
export function buildGuest(source = PLAYER, ...flags) {
  const name = basename(source, ".c");
  return linkGuest(name, `${WASI_LIBC}/crt1-command.o`, compileGuest(source, ...flags));
}

/** Prints the row; `run` returns what is in it beside the runtime's name. */
export async function row(runtime, run) {
  try {
    console.log(JSON.stringify({ runtime, ...(await run()), said: undefined }));
  } catch (error) {
    if (!(error instanceof NotRun)) throw error;
    console.log(JSON.stringify({ runtime, notRun: error.message }));
  }
}
