import { revalidatePath, revalidateTag } from "next/cache";

export async function POST(request) {
  const { tag, path, expire } = await request.json();
  if (tag) revalidateTag(tag, { expire });
  else revalidatePath(path);
  return new Response("OK");
}
