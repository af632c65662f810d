// Plays the tables that come in on standard input; the last line that goes out is what a row says.
import process from "node:process";
import { text } from "node:stream/consumers";
import { initFerrite } from "@ferrite/edge";
import { playInside } from "./inside.js";

const { differences, ...result } = await playInside(initFerrite, await text(process.stdin));
const { deno, bun, node } = process.versions;
for (const difference of differences) console.log(difference);
console.log(JSON.stringify({ version: deno ?? bun ?? node, ...result }));
