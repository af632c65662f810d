// Rendered again by a request that comes a second after it was.
export const revalidate = 1;

export default function Page() {
  return <p>rendered at {Date.now()}</p>;
}
