// Debian's Firefox, driven by puppeteer-core over WebDriver BiDi, with a new profile that keeps to itself.
import { execFileSync } from "node:child_process";
import puppeteer from "puppeteer-core";

// It looks for nothing on the network of its own accord.
const QUIET = {
  "app.normandy.enabled": false,
  "app.update.enabled": false,
  "browser.safebrowsing.downloads.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.search.update": false,
  "captivedetect.canonicalURL": "",
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.dns.disablePrefetch": true,
  "services.settings.server": "data:,#remote-settings-dummy/v1",
  "toolkit.telemetry.enabled": false,
};

export function launchFirefox() {
  const path = execFileSync("which", ["firefox-esr"], { encoding: "utf8" }).trim();
  return puppeteer.launch({
    browser: "firefox",
    executablePath: path,
    extraPrefsFirefox: QUIET,
  });
}
