// The forge's clock: this machine's, set apart by as many seconds as a test likes.
export class Clock {
  offset_ms = 0;

  now() { return Date.now() + this.offset_ms; }

  seconds() { return Math.floor(this.now() / 1000); }

  iso(ms = this.now()) { return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z'); }
}
