// The tests of the server.
import { runFolder } from "../folder.mjs";

runFolder("server", import.meta.url, { concurrency: 4 }); // they wait more than they work
