async function large(id) {
  "use cache";
  return `${id} of ${Date.now()} ${"x".repeat(100_000)}`;
}

export async function GET(request) {
  return new Response(await large(request.nextUrl.searchParams.get("id")));
}
