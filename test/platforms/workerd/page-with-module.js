import FERRITE_WASM from "@ferrite/edge/ferrite.wasm";
import page from "./page.ts";

export default { fetch: (request, env) => page.fetch(request, { ...env, FERRITE_WASM }) };
