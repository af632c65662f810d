import { fileURLToPath } from "node:url";

export default {
  // What this folder has links to is beside it.
  turbopack: { root: fileURLToPath(new URL("../../../..", import.meta.url)) },
  // webpack gives a program on Node.js no URL of the module, so the package is left as it is there.
  serverExternalPackages: process.env.TURBOPACK ? [] : ["@ferrite/edge"],
};
