// The parts of the playground; test/platforms/browsers has the page.
import { runFolder } from "../folder.mjs";

runFolder("playground", import.meta.url);
