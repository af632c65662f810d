// The example for Fastly Compute.
import { runFolder } from "../../folder.mjs";

runFolder("fastly", import.meta.url);
