// Debian's Chromium, in a page under a strict Content-Security-Policy.
import { row } from "../rows.mjs";
import { launchChromium } from "./launch.mjs";
import { playInBrowser } from "./play.mjs";

await row("Chromium", () => playInBrowser("chromium", launchChromium));
