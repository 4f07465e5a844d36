export const loader = () => Response.json({ sum: 2 + 3 });
