// As many processes as there are processors, each with caches of its own: a page is asked for once by
// each, a limit is one of each, and a session is known to one. So this is for pages.
import cluster from "node:cluster";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

cluster.setupPrimary({ exec: fileURLToPath(new URL("server.mjs", import.meta.url)) });
for (let i = 0; i < availableParallelism(); i++) cluster.fork();
