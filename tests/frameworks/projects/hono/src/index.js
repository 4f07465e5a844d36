import { Hono } from "hono";
import { cache } from "hono/cache";
import { getConnInfo } from "hono/cloudflare-workers";

const app = new Hono();
app.get("/greet/:name", (c) => c.text(`hello ${c.req.param("name")}`));
app.get("/who", (c) => c.text(getConnInfo(c).remote.address));
app.get("/dice", cache({ cacheName: "dice", cacheControl: "max-age=60" }), (c) => c.text(String(Math.random())));

export default app;
