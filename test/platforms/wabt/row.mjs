// The module in wabt's interpreter, embedded in a host in C++.
import { build, directory, MODULE, needFile, played, PLAYER, row } from "../rows.mjs";

await row("wabt's interpreter", () => {
  const here = directory("wabt");
  const version = build("wasm-interp", "--version").trim();
  needFile("/usr/include/wabt/interp/interp.h", "libwabt");
  build("clang-19", "-std=c11", "-O2", "-I", "include", "-c", PLAYER, "-o", `${here}play.o`);
  const flags = ["-std=c++20", "-O2", "-I", "include", `-DMODULE="${MODULE}"`];
  const libraries = ["-lwabt", "-lcrypto"];
  const sources = ["test/platforms/wabt/host.cc", `${here}play.o`];
  build("clang++-19", flags, sources, libraries, "-o", `${here}play`);
  return { version, ...played(`${here}play`) };
});
