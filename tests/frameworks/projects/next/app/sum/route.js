export const dynamic = "force-dynamic";

export const GET = () => Response.json({ sum: 2 + 3 });
