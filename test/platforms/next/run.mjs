// Next.js: the package in an app.
import { runFolder } from "../../folder.mjs";

runFolder("next", import.meta.url);
