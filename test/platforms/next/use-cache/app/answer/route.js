import { cacheLife, cacheTag } from "next/cache";

async function answer(id) {
  "use cache: remote";
  cacheTag("news");
  cacheLife({ stale: 1, revalidate: 1000, expire: 2000 });
  const response = await fetch(`${process.env.ORIGIN}/${id}`);
  return response.text();
}

export async function GET(request) {
  return new Response(await answer(request.nextUrl.searchParams.get("id")));
}
