/*
 * Patterns as Redis has them: * ? [a-z] [^a] and \ before what is meant as it is.
 */

/** A function that says whether a name matches, in any case of letters. */
export function glob(pattern) {
  let source = "";
  for (let at = 0; at < pattern.length; at++) {
    const letter = pattern[at];
    if (letter === "*") {
      source += source.endsWith("[^]*") ? "" : "[^]*";
    } else if (letter === "?") {
      source += "[^]";
    } else if (letter === "[") {
      const end = pattern.indexOf("]", at + 1);
      const members = pattern.slice(at + 1, end < 0 ? pattern.length : end);
      source += `[${members.replace(/[\\[\]]/g, "\\$&")}]`;
      at = end < 0 ? pattern.length : end;
    } else {
      if (letter === "\\" && at + 1 < pattern.length) at++;
      source += pattern[at].replace(/[^\w]/, "\\$&");
    }
  }
  const expression = new RegExp(`^${source}$`, "i");
  return (name) => expression.test(name);
}
