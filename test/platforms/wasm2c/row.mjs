// The module, translated to C by wasm2c and compiled for this machine.
import { build, directory, MODULE, needFile, played, PLAYER, row } from "../rows.mjs";

await row("wasm2c", () => {
  const here = directory("wasm2c");
  const version = build("wasm2c", "--version").trim();
  build("wasm2c", "-n", "ferrite", MODULE, "-o", `${here}translated.c`);
  const runtime = needFile("/usr/share/wabt/wasm2c/wasm-rt-impl.c", "the runtime of wasm2c");
  const sources = ["test/platforms/wasm2c/host.c", `${here}translated.c`, runtime, PLAYER];
  const includes = ["-I", here, "-I", "include", "-I", "/usr/share/wabt/wasm2c"];
  build("clang-19", "-O1", "-w", includes, sources, "-lm", "-o", `${here}play`);
  return { version, ...played(`${here}play`) };
});
