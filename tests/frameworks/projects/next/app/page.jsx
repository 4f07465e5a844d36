import { headers } from "next/headers";

export default async function Page() {
  const seen = await headers();
  return (
    <p>
      hello {seen.get("x-who")} at {seen.get("cf-connecting-ip")}
    </p>
  );
}
