// Vercel Edge Functions: the package, and the example, as Vercel's own tools build and run them.
import { runFolder } from "../../folder.mjs";

runFolder("vercel", import.meta.url);
