// Reads an ExportTraceServiceRequest in OTLP's JSON from stdin and holds it against the published protobuf messages
// (the argument: @opentelemetry/otlp-transformer's folder). Prints what is wrong and exits with 1, or exits with 0.
const { readFileSync } = require('node:fs');
const root = require(process.argv[2] + '/build/src/generated/root.js');
const Request = root.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;

const wrong = [];
const ids = { traceId: 32, spanId: 16, parentSpanId: 16 };
// OTLP's JSON has ids in hex where protobuf's has base64, and 64-bit numbers as text in both.
function prepared(value, key) {
  if (Array.isArray(value)) return value.map((one) => prepared(one, key));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, prepared(one, name)]));
  if (key in ids) {
    if (!new RegExp(`^[0-9a-f]{${ids[key]}}$`).test(value) || /^0+$/.test(value)) wrong.push(`${key}: ${value}`);
    return Buffer.from(value, 'hex').toString('base64');
  }
  if (/UnixNano$|^intValue$/.test(key ?? '') && (typeof value !== 'string' || !/^-?[0-9]+$/.test(value)))
    wrong.push(`${key} must be digits in quotes: ${JSON.stringify(value)}`);
  return value;
}

const given = prepared(JSON.parse(readFileSync(0, 'utf8')));
const message = Request.fromObject(given);
const flaw = Request.verify(message);
if (flaw) wrong.push(flaw);
// What the messages do not know would be dropped here.
const kept = Request.toObject(Request.decode(Request.encode(message).finish()), { longs: String, bytes: String, enums: Number });
function compare(mine, theirs, path) {
  if (mine !== null && typeof mine === 'object') {
    for (const name of Object.keys(mine)) {
      const empty = mine[name] === 0 || (typeof mine[name] === 'object' && Object.keys(mine[name]).length === 0);
      if (theirs?.[name] === undefined && !empty) wrong.push(`${path}.${name} is no field there`);
      else if (!empty) compare(mine[name], theirs[name], `${path}.${name}`);
    }
  } else if (String(mine) !== String(theirs)) {
    wrong.push(`${path}: ${mine} became ${theirs}`);
  }
}
compare(given, kept, 'request');
if (wrong.length) console.log(wrong.join('\n'));
process.exit(wrong.length ? 1 : 0);
