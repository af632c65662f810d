// lambda-local, which makes an instance of a function here and keeps it for its next invocations.
import lambdaLocal from "lambda-local";

const SILENT = -1; // at 0 it keeps others from writing, too

/** Invokes `handler` of an ES module at a path, or of a module that is loaded -> what it returns. */
export async function invoke(instance, event) {
  const where = typeof instance === "string" ? { lambdaPath: instance, esm: true } : instance;
  const options = { event, timeoutMs: 60_000, verboseLevel: SILENT };
  try {
    return await lambdaLocal.execute({ ...where, ...options });
  } catch (error) {
    throw error instanceof Error ? error : new Error(JSON.stringify(error));
  }
}
