// The tests of the package.
import { runFolder } from "../folder.mjs";

runFolder("glue", import.meta.url);
