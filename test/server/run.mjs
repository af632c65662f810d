// The tests of the server.
import { runFolder } from "../folder.mjs";

runFolder("server", import.meta.url);
