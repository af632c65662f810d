// vite's development server makes one file of each dependency, where ferrite.wasm is not beside it.
export default { optimizeDeps: { exclude: ["@ferrite/edge"] } };
