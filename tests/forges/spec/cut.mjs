// What the cuts of published contracts share: the operations that are kept, what they stand on, and nothing of the prose.

// Walks every value; `visit(value, key, parent)` may change it.
export function walk(value, visit, key = '', parent = null) {
  visit(value, key, parent);
  if (value && typeof value === 'object') for (const [name, child] of Object.entries(value)) walk(child, visit, name, value);
}

const PROSE = ['description', 'summary', 'externalDocs', 'examples', 'example', 'tags', 'title', 'x-github', 'x-multi-segment', 'x-githubCloudOnly', 'x-github-breaking-changes', 'x-displayName'];

// Takes words for people out of schemas and operations; a property of one of these names stays.
export function withoutProse(value, insideProperties = false) {
  if (Array.isArray(value)) return value.map((one) => withoutProse(one));
  if (!value || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value)
    .filter(([key, child]) => insideProperties || !PROSE.includes(key) || (key === 'description' && value.content !== undefined && typeof child !== 'string'))
    .map(([key, child]) => [key, withoutProse(child, !insideProperties && (key === 'properties' || key === 'patternProperties'))]));
}

// The operations of `wanted` ("GET /path") out of `spec`, with all that they refer to.
export function cut(spec, wanted) {
  const paths = {};
  for (const line of wanted) {
    const [method, path] = line.split(' ');
    const found = spec.paths[path]?.[method.toLowerCase()];
    if (!found) throw new Error(`the contract has no ${line}`);
    paths[path] ??= spec.paths[path].parameters ? { parameters: spec.paths[path].parameters } : {};
    paths[path][method.toLowerCase()] = found;
  }
  const kept = { openapi: spec.openapi, info: { title: spec.info.title, version: spec.info.version, license: spec.info.license }, paths: withoutProse(paths), components: {} };
  const copied = new Set();
  const copy = (value) => walk(value, (node) => {
    const ref = node?.$ref;
    if (typeof ref !== 'string' || copied.has(ref)) return;
    copied.add(ref);
    const [, , kind, name] = ref.split('/');
    const target = spec.components[kind][name.replaceAll('~1', '/')];
    if (!target) throw new Error(`${ref} leads nowhere`);
    (kept.components[kind] ??= {})[name] = withoutProse(target);
    copy(kept.components[kind][name]);
  });
  copy(kept.paths);
  for (const path of Object.values(kept.paths)) {
    for (const operation of Object.values(path)) for (const response of Object.values(operation.responses ?? {})) if (!response.$ref) response.description ??= '';
  }
  for (const response of Object.values(kept.components.responses ?? {})) response.description ??= '';
  return kept;
}

// An answer with an error may have any body; what is not an error must be as the contract says.
export function mayFail(kept) {
  const anything = (types) => ({ description: '', content: Object.fromEntries(types.map((type) => [type, { schema: {} }])) });
  for (const path of Object.values(kept.paths)) {
    for (const operation of Object.values(path)) {
      if (!operation.responses) continue;
      for (const status of ['400', '401', '403', '404', '409', '422', '429', '500', '502', '503', '504']) operation.responses[status] = anything(['application/json', 'text/html']);
    }
  }
}

// No key beyond those that the schema names, at any depth.
export function closed(schema) {
  walk(schema, (node, key, parent) => {
    if (node?.type === 'object' && node.properties && key !== 'properties' && !['anyOf', 'allOf', 'oneOf', 'not'].includes(key) && !Array.isArray(parent)) node.additionalProperties = false;
  });
  return schema;
}

// One path or schema a line, so that a change of the contract shows as a change of lines.
export function lines(kept) {
  const table = (object) => `{\n${Object.entries(object).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(',\n')}\n}`;
  const rest = Object.fromEntries(Object.entries(kept).filter(([key]) => key !== 'paths' && key !== 'components'));
  const components = Object.entries(kept.components).map(([kind, all]) => `${JSON.stringify(kind)}: ${table(all)}`).join(',\n');
  return `${JSON.stringify(rest).slice(0, -1)},\n"paths": ${table(kept.paths)},\n"components": {${components}}}\n`;
}
