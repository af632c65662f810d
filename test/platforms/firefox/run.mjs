// The playground's page, in Firefox.
import { runFolder } from "../../folder.mjs";

runFolder("firefox", import.meta.url, { timeout: 180_000 });
