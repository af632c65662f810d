// Cloudflare Workers: the package, and the example, in workerd as wrangler builds them.
import { runFolder } from "../../folder.mjs";

runFolder("workerd", import.meta.url);
