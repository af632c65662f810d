/*
 * What the package exports, wherever it runs. What differs from platform to platform is how
 * ferrite.wasm is come by: that is all a loader in platform/ says.
 */
import { Ferrite } from "./commands.js";
import { compiledModule, isModuleSource } from "./module.js";

export { FerriteError } from "./error.js";
export { Ferrite };

const makeFerrite = (module, options) => new Ferrite(module, options);

const withoutCompiler = {
  compile: async (source) => compiledModule(await source),
  compileNow: compiledModule,
};

/** `load()` gives the package's own module, in any form that the compiler takes, which is compile.js's. */
export function entry(load, { compile, compileNow } = withoutCompiler, make = makeFerrite) {
  let ownModule; // a promise, once it was asked for

  function loadOwnModule() {
    ownModule ??= compile(load()).catch((error) => {
      ownModule = undefined; // the next call tries again
      throw error;
    });
    return ownModule;
  }

  /** initFerrite(options), initFerrite(module, options) */
  async function initFerrite(...args) {
    const [source, options] =
      args.length > 1 || isModuleSource(args[0]) ? args : [loadOwnModule(), args[0]];
    return make(await compile(source), options);
  }

  function createFerrite(module, options) {
    return make(compileNow(module), options);
  }

  return { initFerrite, createFerrite };
}
