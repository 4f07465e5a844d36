// Reads an attestation with nothing of Kiln's: the DSSE envelope and its signature by Sigstore's reader, the form of
// the statement by the published messages of in-toto's SLSA provenance (Grafeas). `read.mjs ENVELOPE PEM` prints the
// statement as JSON, or what is wrong on standard error.
import { createRequire } from "node:module";
import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";

const require = createRequire(new URL("../../build/provenance/package.json", import.meta.url));
const { bundleFromJSON } = require("@sigstore/bundle");
const { Verifier, toSignedEntity, toTrustMaterial } = require("@sigstore/verify");
const protobuf = require("protobufjs");

const [envelopeFile, keyFile] = process.argv.slice(2);
const envelope = JSON.parse(readFileSync(envelopeFile, "utf8"));
const key = createPublicKey(readFileSync(keyFile));

// A bundle is how Sigstore's reader is given an envelope, and by which key it is to be read.
const bundle = bundleFromJSON({
  mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.2",
  verificationMaterial: { publicKey: { hint: envelope.signatures[0].keyid }, tlogEntries: [] },
  dsseEnvelope: envelope,
});
const trusted = toTrustMaterial(
  { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] },
  () => ({ publicKey: key, validFor: () => true }),
);
new Verifier(trusted, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 }).verify(toSignedEntity(bundle));

const messages = protobuf.Root.fromJSON(require("@google-cloud/grafeas/build/protos/protos.json"));
const statement = JSON.parse(Buffer.from(envelope.payload, "base64").toString("utf8"));

const scalars = { string: "string", bool: "boolean", int32: "number", int64: "number" };

// That `value` is what protobuf's JSON of `type` may be, and has no field that the message has not; names that begin
// with a vendor and an underscore are SLSA's extensions.
function check(value, type, where) {
  if (type in scalars) {
    if (typeof value !== scalars[type]) throw new Error(`${where} is no ${type}`);
    return;
  }
  if (type === "google.protobuf.Struct") {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${where} is no object`);
    return;
  }
  if (type === "google.protobuf.Timestamp") {
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value)) throw new Error(`${where} is no time`);
    return;
  }
  const message = messages.lookupType(type);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${where} is no ${type}`);
  for (const [name, inner] of Object.entries(value)) {
    const field = message.fields[name === "_type" ? "type" : name];
    const at = `${where}.${name}`;
    if (!field) {
      if (/^kiln_/.test(name)) continue;
      throw new Error(`${at}: ${type} has no such field`);
    }
    field.resolve();
    const innerType = field.resolvedType ? field.resolvedType.fullName.slice(1) : field.type;
    if (field.map) {
      for (const [entry, text] of Object.entries(inner)) check(text, innerType, `${at}.${entry}`);
    } else if (field.repeated) {
      if (!Array.isArray(inner)) throw new Error(`${at} is no list`);
      inner.forEach((one, i) => check(one, innerType, `${at}[${i}]`));
    } else {
      check(inner, innerType, at);
    }
  }
}

check(statement, "grafeas.v1.InTotoSlsaProvenanceV1", "statement");
process.stdout.write(JSON.stringify(statement));
