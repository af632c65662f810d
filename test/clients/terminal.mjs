// A program on a terminal of its own, typed at.

import { spawn } from "node:child_process";
import { until } from "./values.mjs";

const ESCAPES = /\x1b\[[0-9;?]*[A-Za-z]/g;

export class Terminal {
  /** @param {string} command of a shell; a size is set, which programs otherwise ask the terminal for */
  constructor(command) {
    const inTerminal = ["-q", "-e", "-c", `stty cols 200 rows 50; ${command}`, "/dev/null"];
    this.child = spawn("script", inTerminal, { env: { ...process.env, TERM: "xterm" } });
    this.shown = "";
    this.child.stdin.on("error", () => {}); // it may have ended
    this.child.stdout.setEncoding("utf8").on("data", (text) => (this.shown += text));
    this.exit = new Promise((resolve) => this.child.once("exit", resolve));
  }

  /** Takes what is shown up to and with what matches, when it does. */
  async read(pattern) {
    let match;
    const matches = () => {
      this.shown = this.shown.replace(ESCAPES, "");
      return (match = pattern.exec(this.shown));
    };
    await until(matches).catch(() => {
      throw new Error(`no ${pattern} in ${JSON.stringify(this.shown)}`);
    });
    const end = match.index + match[0].length;
    const taken = this.shown.slice(0, end);
    this.shown = this.shown.slice(end);
    return taken;
  }

  type(text) {
    this.child.stdin.write(text);
  }

  close() {
    this.child.kill();
    return this.exit;
  }
}
