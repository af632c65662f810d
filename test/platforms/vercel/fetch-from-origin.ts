export const fetchFromOrigin = async (key: string) =>
  (await fetch(`${process.env.ORIGIN}/${encodeURIComponent(key)}`)).text();
