// The example for Node.js; test/glue has what the package does there.
import { runFolder } from "../../folder.mjs";

runFolder("node", import.meta.url);
