// The package itself: what is in it, its types, and what bundlers make of it.
import { runFolder } from "../../folder.mjs";

runFolder("package", import.meta.url);
