/*
 * GEORADIUS and GEORADIUSBYMEMBER, which GEOSEARCH has taken the place of: so they are searches.
 */
const FLAGS = new Set(["withdist", "withhash", "withcoord", "any", "asc", "desc"]);
const BAD = ""; // an option that there is not

// What is behind the place: { options: of a search, target: where it is to be stored, if it is }
function readOptions(words, mayStore) {
  const options = [];
  let target = null;
  for (let i = 0; i < words.length; i++) {
    const option = words[i].toLowerCase();
    const hasValue = i + 1 < words.length;
    if (FLAGS.has(option)) options.push(option);
    else if (option === "count" && hasValue) options.push(option, words[++i]);
    else if (["store", "storedist"].includes(option) && hasValue && mayStore)
      target = { key: words[++i], isByDistance: option === "storedist" };
    else options.push(BAD);
  }
  return { options, target };
}

const searcher =
  (from, size, mayStore) =>
  ({ server, resp }, [, key, ...words]) => {
    const place = [from, ...words.slice(0, size), "BYRADIUS", ...words.slice(size, size + 2)];
    const { options, target } = readOptions(words.slice(size + 2), mayStore);
    if (target === null) return server.ask(["GEOSEARCH", key, ...place, ...options], resp);
    const how = target.isByDistance ? ["STOREDIST"] : [];
    const stored = ["GEOSEARCHSTORE", target.key, key, ...place, ...options, ...how];
    return server.ask(stored, resp).replace("GEOSEARCHSTORE is", "STORE option in GEORADIUS is");
  };

export const georadius = searcher("FROMLONLAT", 2, true);
export const georadiusRo = searcher("FROMLONLAT", 2, false);
export const georadiusbymember = searcher("FROMMEMBER", 1, true);
export const georadiusbymemberRo = searcher("FROMMEMBER", 1, false);
