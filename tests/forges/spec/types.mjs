// Turns TypeScript types into JSON schemas (OpenAPI 3.0), for contracts that are published as a client's types. Needs the package `typescript`, given by
// the folder that has it; it is for making cuts, not for tests.
import { createRequire } from 'node:module';
import { join } from 'node:path';

export class Types {
  // `file` is a .d.ts file. `loose`: what may be left out may be null as well.
  constructor(folder, file, { loose = false } = {}) {
    this.ts = createRequire(join(folder, 'package.json'))('typescript');
    const program = this.ts.createProgram([file], { strict: true, skipLibCheck: true, target: this.ts.ScriptTarget.ES2022, moduleResolution: this.ts.ModuleResolutionKind.NodeNext, module: this.ts.ModuleKind.NodeNext });
    this.checker = program.getTypeChecker();
    this.source = program.getSourceFile(file);
    this.loose = loose;
    this.schemas = {};
    this.names = new Map();
  }

  // The type of an interface or an alias declared in the file.
  named(name) {
    const found = this.source.statements.find((one) => (this.ts.isInterfaceDeclaration(one) || this.ts.isTypeAliasDeclaration(one)) && one.name.text === name);
    if (!found) throw new Error(`${this.source.fileName} declares no ${name}`);
    return this.checker.getTypeAtLocation(found.name);
  }

  // The type of a property, or null where there is none or it is never.
  property(type, name) {
    const symbol = type && this.checker.getPropertyOfType(type, name);
    if (!symbol) return null;
    const found = this.checker.getNonNullableType(this.checker.getTypeOfSymbol(symbol));
    return found.flags & this.ts.TypeFlags.Never ? null : found;
  }

  properties(type) { return this.checker.getPropertiesOfType(type); }

  schema(type) {
    const { TypeFlags } = this.ts;
    if (type.flags & (TypeFlags.Any | TypeFlags.Unknown)) return {};
    if (type.flags & TypeFlags.StringLiteral) return { type: 'string', enum: [type.value] };
    if (type.flags & TypeFlags.NumberLiteral) return { type: 'number', enum: [type.value] };
    if (type.flags & TypeFlags.BooleanLike) return { type: 'boolean' };
    if (type.flags & TypeFlags.StringLike) return { type: 'string' };
    if (type.flags & TypeFlags.NumberLike) return { type: 'number' };
    if (type.isUnion()) return this.#union(type);
    if (this.checker.isArrayType(type) || this.checker.isTupleType(type)) return { type: 'array', items: this.schema(this.checker.getTypeArguments(type)[0]) };
    if (type.flags & TypeFlags.Object || type.isIntersection()) return this.#object(type);
    return {};
  }

  #union(type) {
    const { TypeFlags } = this.ts;
    const parts = type.types.filter((one) => !(one.flags & (TypeFlags.Undefined | TypeFlags.Null | TypeFlags.Void)));
    const nullable = type.types.some((one) => one.flags & TypeFlags.Null) ? { nullable: true } : {};
    if (parts.every((one) => one.flags & TypeFlags.BooleanLike)) return { type: 'boolean', ...nullable };
    if (parts.every((one) => one.flags & TypeFlags.StringLiteral)) return { type: 'string', enum: [...parts.map((one) => one.value), ...(nullable.nullable ? [null] : [])], ...nullable };
    const schemas = [...new Map(parts.map((one) => this.schema(one)).map((one) => [JSON.stringify(one), one])).values()];
    if (schemas.length === 1) return schemas[0].$ref ? { allOf: schemas, ...nullable } : { ...schemas[0], ...nullable };
    return { anyOf: schemas, ...nullable };
  }

  #object(type) {
    if (this.names.has(type)) return { $ref: `#/components/schemas/${this.names.get(type)}` };
    const own = type.aliasSymbol?.name ?? type.symbol?.name;
    const plain = own && /^[A-Z]\w*$/.test(own) && !(own in this.schemas) ? own : `T${this.names.size}`;
    this.names.set(type, plain);
    const schema = this.schemas[plain] = { type: 'object' };
    const required = [];
    for (const symbol of this.properties(type)) {
      const found = this.checker.getTypeOfSymbol(symbol);
      const optional = Boolean(symbol.flags & this.ts.SymbolFlags.Optional);
      const value = this.schema(optional ? this.checker.getNonNullableType(found) : found);
      (schema.properties ??= {})[symbol.name] = optional && this.loose ? (value.$ref ? { allOf: [value], nullable: true } : { ...value, nullable: true, ...(value.enum ? { enum: [...value.enum, null] } : {}) }) : value;
      if (!optional) required.push(symbol.name);
    }
    if (required.length) schema.required = required;
    const index = this.checker.getIndexTypeOfType(type, this.ts.IndexKind.String);
    if (index) schema.additionalProperties = Object.keys(this.schema(index)).length ? this.schema(index) : true;
    return { $ref: `#/components/schemas/${plain}` };
  }

  // A request's body: only what is declared, at its first level.
  body(type) {
    const made = this.schema(type);
    const target = made.$ref ? structuredClone(this.schemas[made.$ref.split('/').at(-1)]) : made;
    if (target.type === 'object' && target.properties && target.additionalProperties === undefined) target.additionalProperties = false;
    return target;
  }
}

const parameter = (name, place, schema = { type: 'string' }) => ({ name, in: place, required: place === 'path', schema });

// One operation of a contract. `answers`: {status: schema or null}.
export function operation(path, { body, answers, query = [] }) {
  return {
    parameters: [...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => parameter(name, 'path')), ...query.map((name) => parameter(name, 'query'))],
    ...(body ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } } : {}),
    responses: Object.fromEntries(Object.entries(answers).map(([status, schema]) => [status, { description: '', ...(schema ? { content: { 'application/json': { schema } } } : {}) }])),
  };
}
