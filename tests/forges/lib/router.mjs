// Finds the handler of a method and a path. `{name}` takes one segment, `{name+}` takes the rest of the path, slashes and all.
export class Router {
  #routes = [];

  constructor(table) {
    for (const [method, pattern, handler, about = {}] of table) {
      const source = pattern.replace(/[.]/g, '\\.').replace(/\{(\w+)(\+?)\}/g, (_, name, rest) => `(?<${name}>${rest ? '.+' : '[^/]+'})`);
      this.#routes.push({ method, pattern, handler, about, shape: new RegExp(`^${source}$`) });
    }
  }

  // → {handler, params, pattern, about}, or {allowed: [methods]} of a path that has other methods, or null.
  find(method, path) {
    const allowed = [];
    for (const route of this.#routes) {
      const match = route.shape.exec(path);
      if (!match) continue;
      if (route.method === method) {
        const params = Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, text]) => [name, decodeURIComponent(text)]));
        return { handler: route.handler, params, pattern: route.pattern, about: route.about };
      }
      allowed.push(route.method);
    }
    return allowed.length ? { allowed } : null;
  }
}
