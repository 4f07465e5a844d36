import { greeting } from "@mono/greeting";

export default { fetch: () => new Response(greeting("API")) };
