// A worker that plays the tables it is sent. Its clock stands still while it runs, so it has no times.
import { initFerrite } from "@ferrite/edge";
import { playInside } from "../inside.js";

export default {
  async fetch(request) {
    const { passed, failed, differences } = await playInside(initFerrite, await request.text());
    return Response.json({ passed, failed, differences });
  },
};
