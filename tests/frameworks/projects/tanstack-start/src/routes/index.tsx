import { createFileRoute } from "@tanstack/react-router";
import { createServerFn } from "@tanstack/react-start";
import { getRequestHeader } from "@tanstack/react-start/server";

const visitor = createServerFn().handler(() => ({
  who: getRequestHeader("x-who"),
  address: getRequestHeader("cf-connecting-ip"),
}));

export const Route = createFileRoute("/")({
  loader: () => visitor(),
  component: function Home() {
    const { who, address } = Route.useLoaderData();
    return <p>hello {who} at {address}</p>;
  },
});
