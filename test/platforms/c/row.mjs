// The C library in a native program.
import { build, directory, played, PLAYER, row } from "../rows.mjs";

await row("C, native", () => {
  const program = `${directory("c")}play`;
  const flags = ["-std=c11", "-O2", "-I", "include"];
  build("clang-19", flags, PLAYER, "build/libferrite.a", "-o", program);
  const version = /version (\S+)/.exec(build("clang-19", "--version"))[1];
  return { version, ...played(program) };
});
