// A function that plays the cases it is sent.
import { initFerrite } from "@ferrite/edge";
import { playInside } from "../inside.js";

export const handler = ({ tables }) => playInside(initFerrite, tables);
