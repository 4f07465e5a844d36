// Faults that the next calls meet. One is
//   { method?: "POST", path?: "regular expression", times?: 1, when?: "before" | "after",
//     status?, headers?, body?  |  hang?: true  |  drop?: true  |  refuse?: true  |  delay_ms? }
// `when` says whether the call has its effect first ("after") or has none ("before", the default). `drop` breaks the connection in
// the middle of the answer, `refuse` before its first byte; `hang` keeps it open without an answer until the faults are cleared.
export class Faults {
  #list = [];
  #hanging = new Set();

  add(fault) {
    const known = ['method', 'path', 'times', 'when', 'status', 'headers', 'body', 'hang', 'drop', 'refuse', 'delay_ms'];
    const strange = Object.keys(fault).filter((key) => !known.includes(key));
    if (strange.length) throw new Error(`a fault has no ${strange.join(', ')}; it has ${known.join(', ')}`);
    const path = new RegExp(fault.path ?? '');
    this.#list.push({ ...fault, left: fault.times ?? 1, met: 0, shape: path });
  }

  // The fault that this call meets, used up by one; null when it meets none.
  take(method, path) {
    const fault = this.#list.find((one) => one.left > 0 && (!one.method || one.method === method) && one.shape.test(path));
    if (!fault) return null;
    fault.left -= 1;
    fault.met += 1;
    return fault;
  }

  hang(response) { this.#hanging.add(response); response.on('close', () => this.#hanging.delete(response)); }

  clear() {
    this.#list = [];
    for (const response of this.#hanging) response.destroy();
    this.#hanging.clear();
  }

  list() { return this.#list.map(({ shape, ...rest }) => rest); }

  get hanging() { return this.#hanging.size; }
}
