// A browser of this machine, driven by playwright-core.
import { execFileSync } from "node:child_process";
import { chromium } from "playwright-core";

export function launchChromium() {
  return chromium.launch({
    executablePath: execFileSync("which", ["chromium"], { encoding: "utf8" }).trim(),
    args: process.getuid() === 0 ? ["--no-sandbox"] : [], // which Chromium does not have for root
  });
}
