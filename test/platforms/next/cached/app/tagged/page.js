// Rendered again when the tag of what it fetches is revalidated, or its path.
export default async function Page() {
  const response = await fetch(`${process.env.ORIGIN}/tagged`, {
    cache: "force-cache",
    next: { tags: ["news"] },
  });
  return <p>{await response.text()}</p>;
}
