export function loader({ request }) {
  return { who: request.headers.get("x-who"), address: request.headers.get("cf-connecting-ip") };
}

export default function Home({ loaderData }) {
  return <p>hello {loaderData.who} at {loaderData.address}</p>;
}
