// What the official MCP server for Workers Builds (mcp-server-cloudflare, apps/workers-builds) asks of the API and accepts
// as an answer. It is no package: it runs hosted, so its requests and its zod schemas are written again here, with zod
// itself, from what it publishes.
//
//   mcp_builds.mjs list WORKER_TAG     mcp_builds.mjs get BUILD_UUID     mcp_builds.mjs logs BUILD_UUID
//
// Prints {ok, result} or {ok: false, problems}. ZOD is the file: URL of zod; USER_AGENT replaces the server's own.
const { z } = await import(process.env.ZOD);
const env = process.env;

const text = z.string();
const when = z.coerce.date();
const maybe = when.nullable();
const texts = z.array(text);

const Variable = z.object({ is_secret: z.boolean(), created_on: when, value: text.nullable() });
const Connection = z.object({
  repo_connection_uuid: text, repo_id: text, repo_name: text, provider_type: text, provider_account_id: text,
  provider_account_name: text, created_on: when, modified_on: when, deleted_on: maybe,
});
const Trigger = z.object({
  trigger_uuid: text, external_script_id: text, trigger_name: text, build_command: text, deploy_command: text,
  root_directory: text, branch_includes: texts, branch_excludes: texts, path_includes: texts, path_excludes: texts,
  build_caching_enabled: z.boolean(), created_on: when, modified_on: when, deleted_on: maybe, repo_connection: Connection,
});
const Metadata = z.object({
  build_trigger_source: text, branch: text, commit_hash: text, commit_message: text, author: text, build_command: text,
  deploy_command: text, root_directory: text, build_token_uuid: text, environment_variables: z.record(text, Variable),
  repo_name: text, provider_account_name: text, provider_type: text,
});
const Build = z.object({
  build_uuid: text, status: text, build_outcome: text.nullable(), created_on: when, modified_on: when,
  initializing_on: maybe, running_on: maybe, stopped_on: maybe, trigger: Trigger, build_trigger_metadata: Metadata,
  pull_request: z.unknown(),
});
const PageInfo = z.object({
  next_page: z.boolean(), page: z.number(), per_page: z.number(), count: z.number(), total_count: z.number(),
  total_pages: z.number(),
});
const Logs = z.object({ cursor: text.optional(), truncated: z.boolean(), lines: z.array(z.tuple([when, text])) });

// The envelope as the server reads it: of V4 answers.
const envelope = (result, info) => z.object({
  result: result.nullable(), success: z.boolean(), messages: z.array(z.unknown()), errors: z.array(z.unknown()),
  result_info: info ? info.optional() : z.unknown().optional(),
});

const ASKS = {
  list: (tag) => [`/workers/${tag}/builds?page=1&per_page=10`, envelope(z.array(Build), PageInfo)],
  get: (uuid) => [`/builds/${uuid}`, envelope(Build)],
  logs: (uuid) => [`/builds/${uuid}/logs`, envelope(Logs)],
};

const [ask, id] = process.argv.slice(2);
const [path, schema] = ASKS[ask](id);
const answer = await fetch(`${env.CLOUDFLARE_BASE_URL}/accounts/${env.CLOUDFLARE_ACCOUNT_ID}/builds${path}`, {
  headers: {
    authorization: `Bearer ${env.CLOUDFLARE_API_TOKEN}`,
    'user-agent': env.USER_AGENT ?? 'mcp-server-cloudflare (workers-builds; +https://github.com/cloudflare/mcp-server-cloudflare)',
  },
});
const judged = schema.safeParse(await answer.json());
console.log(JSON.stringify(judged.success
  ? { ok: answer.ok && judged.data.success, result: judged.data.result }
  : { ok: false, problems: judged.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) }));
