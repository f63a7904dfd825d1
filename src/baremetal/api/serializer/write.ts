import type { FieldSpec } from '../versions/resource.ts';

/** Turns a column's text, as PostgreSQL wrote it, into JSON text. */
export type Write = (text: string | null) => string;

const writeText: Write = (text) => (text === null ? 'null' : JSON.stringify(text));
/** For what never needs an escape: UUIDs, MAC addresses. */
const writePlain: Write = (text) => (text === null ? 'null' : `"${text}"`);
const writeRaw: Write = (text) => text ?? 'null';
const writeBoolean: Write = (text) => (text === 't' ? 'true' : text === 'f' ? 'false' : 'null');
/** `2026-01-01 00:00:00.123456+00` in Ironic's form: whole seconds, `T`, `+00:00`. The session speaks UTC. */
const writeTime: Write = (text) => (text === null ? 'null' : `"${text.slice(0, 10)}T${text.slice(11, 19)}+00:00"`);

/** The writer of a field for one version. */
export function writerOf(spec: FieldSpec, version: number): Write {
  switch (spec.kind) {
    case 'uuid':
    case 'mac':
      return writePlain;
    case 'time':
      return writeTime;
    case 'boolean':
      return writeBoolean;
    case 'integer':
    case 'number':
      return writeRaw;
    case 'json':
    case 'list':
    case 'texts':
      return documentWriter(spec, version);
    default:
      return textWriter(spec, version);
  }
}

function textWriter(spec: FieldSpec, version: number): Write {
  const renames = (spec.renamed ?? []).filter((rename) => version < rename.below);
  if (renames.length === 0) return writeText;
  return (text) => {
    let shown = text;
    for (const rename of renames) if (shown === rename.from) shown = rename.to;
    return writeText(shown);
  };
}

function documentWriter(spec: FieldSpec, version: number): Write {
  const { empty } = spec;
  const whole: Write = empty === undefined ? writeRaw : (text) => text ?? empty;
  const hidden = Object.entries(spec.keys ?? {})
    .filter(([, gate]) => version < gate.since || (gate.until !== undefined && version >= gate.until))
    .map(([key]) => key);
  if (hidden.length === 0) return whole;
  // A document with a key this version must not see is shown empty, as Ironic does. Parsed only on suspicion.
  const marks = hidden.map((key) => JSON.stringify(key));
  return (text) => {
    const json = whole(text);
    if (!marks.some((mark) => json.includes(mark))) return json;
    const document: unknown = JSON.parse(json);
    const has = typeof document === 'object' && document !== null && hidden.some((key) => Object.hasOwn(document, key));
    return has ? '{}' : json;
  };
}
