// Cuts the first requests of a trace into a smaller one; README.md says what was cut from what.
//
//     node test/traces/slice.mjs <whole>.kvt2.gz <slice>.kvt2.gz <requests>

import { readFileSync, writeFileSync } from "node:fs";
import { packTrace, sliceTrace, unpackTrace } from "./trace.mjs";

const [wholePath, slicePath, count] = process.argv.slice(2);
const slice = sliceTrace(unpackTrace(readFileSync(wholePath)), Number(count));
writeFileSync(slicePath, packTrace(slice));
console.log(`${slicePath}: ${slice.requests.length} requests for ${slice.keyBytes.length} keys`);
