// As many pages as anybody asks for, of 100 KB each.
export const generateStaticParams = () => [];

export default async function Page({ params }) {
  const { id } = await params;
  return (
    <p>
      page {id} of {Date.now()} {"x".repeat(100_000)}
    </p>
  );
}
