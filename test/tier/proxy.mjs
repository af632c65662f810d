// A way to a server that can go silent: what is sent is kept from arriving, and no connection breaks.

import { once } from "node:events";
import { connect, createServer } from "node:net";

export async function startProxy(target) {
  const sockets = new Set();
  const silence = () => sockets.forEach((socket) => socket.pause());
  let silent = false;
  const server = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      sockets.add(from);
      from.setNoDelay();
      from.on("data", (bytes) => to.write(bytes));
      from.on("error", () => {});
      from.on("close", () => sockets.delete(from) && to.destroy());
    }
    if (silent) silence();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    silence() {
      silent = true;
      silence();
    },
    speak() {
      silent = false;
      sockets.forEach((socket) => socket.resume());
    },
    close() {
      sockets.forEach((socket) => socket.destroy());
      server.close();
    },
  };
}
