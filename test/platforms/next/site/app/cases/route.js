// The cases, within Next.js's edge runtime.
import { initFerrite } from "@ferrite/edge";
import { playInside } from "../../../../../../test/platforms/inside.js";

export const runtime = "edge";

export const POST = async (request) =>
  Response.json(await playInside(initFerrite, await request.text()));
