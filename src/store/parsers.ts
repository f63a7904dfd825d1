import pg from 'pg';

// How column types come out of the store. Chosen for lists of a thousand rows: the cheapest form that
// loses nothing, parsed only by who needs more.
//
//   bigint (int8)            bigint. Counters (`fence`, `revision`, `seq`) never lose a digit.
//   timestamptz, timestamp   text, ISO 8601 in UTC with microseconds: '2026-11-21T03:40:00.123456+00:00'.
//                            Goes into answers as it is, sorts as text, `new Date()` takes it, and so does PostgreSQL.
//   json, jsonb              text, exactly as stored: lists splice it, the caller may JSON.parse it.
//   the rest                 as pg does it (int4 and floats: number; numeric: text; bytea: Buffer; text[]: string[]).
//
// Values going in: bigint, Date, Buffer, arrays (as PostgreSQL arrays) and plain values; JSON columns take text.

const OID = {
  int8: 20,
  json: 114,
  jsonArray: 199,
  int8Array: 1016,
  date: 1082,
  timestamp: 1114,
  timestampArray: 1115,
  timestamptz: 1184,
  timestamptzArray: 1185,
  jsonb: 3802,
  jsonbArray: 3807,
} as const;

/** PostgreSQL's text of a time, made ISO 8601. The session's time zone is always UTC. */
export function isoTime(text: string): string {
  if (text.charCodeAt(10) !== 32) return text; // 'infinity', years beyond 9999: as they are
  const end = text.endsWith('+00') ? text.length - 3 : text.length;
  return `${text.slice(0, 10)}T${text.slice(11, end)}+00:00`;
}

const raw = (text: string): string => text;
const textArray = pg.types.getTypeParser(1009 as never, 'text') as (text: string) => (string | null)[];
const arrayOf =
  <T>(parse: (text: string) => T) =>
  (text: string): (T | null)[] =>
    textArray(text).map((item) => (item === null ? null : parse(item)));

const PARSERS = new Map<number, (text: string) => unknown>([
  [OID.int8, BigInt],
  [OID.int8Array, arrayOf(BigInt)],
  [OID.timestamptz, isoTime],
  [OID.timestamp, isoTime],
  [OID.timestamptzArray, arrayOf(isoTime)],
  [OID.timestampArray, arrayOf(isoTime)],
  [OID.date, raw],
  [OID.json, raw],
  [OID.jsonb, raw],
  [OID.jsonArray, textArray],
  [OID.jsonbArray, textArray],
]);

/** The parsers of our connections. The driver's global ones stay as they are: the workflow engine shares them. */
export const storeTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: string) {
    const own = format === 'binary' ? undefined : PARSERS.get(oid);
    return own ?? pg.types.getTypeParser(oid as never, format as never);
  },
} as pg.CustomTypesConfig;
