// Deno Deploy: the example on the Deno that is said to be there.
import { runFolder } from "../../folder.mjs";

runFolder("deno-deploy", import.meta.url);
