// Stamps the commit into the Worker, so that what runs can say where it came from.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const commit = process.env.WORKERS_CI_COMMIT_SHA ?? "not built by Kiln";
const branch = process.env.WORKERS_CI_BRANCH ?? "none";
const source = readFileSync("src/index.js", "utf8");

mkdirSync("dist", { recursive: true });
writeFileSync("dist/index.js", source.replace("__COMMIT__", commit).replace("__BRANCH__", branch));
console.log(`Built dist/index.js from ${commit.slice(0, 7)} on ${branch}`);
