import { mkdirSync, writeFileSync } from "node:fs";

mkdirSync("dist", { recursive: true });
writeFileSync("dist/task.js", `export default ${JSON.stringify(process.env.TURBO_HASH)};\n`);
