// The playground's page, in Chromium.
import { runFolder } from "../../folder.mjs";

runFolder("browsers", import.meta.url, { timeout: 180_000 });
