// Debian's Firefox, in a page under a strict Content-Security-Policy.
import { playInBrowser } from "../browsers/play.mjs";
import { row } from "../rows.mjs";
import { launchFirefox } from "./launch.mjs";

await row("Firefox", () => playInBrowser("firefox-esr", launchFirefox));
