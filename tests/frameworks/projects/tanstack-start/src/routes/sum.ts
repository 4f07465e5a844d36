import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/sum")({
  server: { handlers: { GET: () => Response.json({ sum: 2 + 3 }) } },
});
