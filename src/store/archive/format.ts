import { createHash } from 'node:crypto';
import { defineErrors } from '#kernel/errors';

// An archive is text, one JSON value a line:
//
//   {"ingot":"archive","version":1,"created":…,"level":[[name,checksum],…],"engine":…,"keys":[id,…],"tables":N}
//   {"keyring":{…}}                                   only when asked for: the keys themselves
//   {"table":"public.nodes","columns":["seq","uuid",…]}
//   ["1","0b0f…",null,…]                              one row: PostgreSQL's text of each column, or null
//   {"rows":10000}                                    ends the table
//   {"sequence":"public.nodes_seq_seq","value":"10000","called":true}
//   {"end":true,"rows":…,"sha256":…}                  of all bytes before this line
//
// Values are PostgreSQL's own text forms, so that every type survives unchanged.

export const ARCHIVE_VERSION = 1;
/** One row may be this long; more is no archive of ours. */
const LINE_MAX = 256 * 1024 * 1024;

export const archiveErrors = defineErrors({
  ArchiveBroken: [400, (why: string) => `This is not a whole archive: ${why}. Nothing was imported`],
  ArchiveLevel: [
    409,
    (why: string) => `The archive does not fit this program: ${why}. Use the version of the program that made it`,
  ],
  ArchiveTarget: [
    409,
    (table: string) => `The database is not empty: ${table} has rows. Import into a new data directory or database`,
  ],
});

export interface ArchiveHeader {
  ingot: 'archive';
  version: number;
  /** ISO 8601. */
  created: string;
  /** Migrations, in order: name and checksum. */
  level: [name: string, checksum: string][];
  /** Version of the workflow engine's tables; null when it has none yet. */
  engine: string | null;
  /** Ids of the keys that sealed something in it. */
  keys: string[];
  /** How many tables follow. */
  tables: number;
}

export interface ArchiveEnd {
  end: true;
  rows: number;
  sha256: string;
}

/** Any line after the header that is not a row. */
export interface ArchiveMark {
  keyring?: unknown;
  table?: string;
  columns?: string[];
  rows?: number;
  sequence?: string;
  value?: string;
  called?: boolean;
  end?: true;
  sha256?: string;
}

export type ArchiveRow = (string | null)[];

/** A line of an archive, and the hash of all bytes before it (asked for at the end only). */
export interface ArchiveLine {
  value: ArchiveRow | ArchiveMark;
  hashBefore(): string;
}

/** Splits a stream into lines with constant memory. Throws `ArchiveBroken`. */
export async function* readLines(stream: AsyncIterable<Buffer | string>): AsyncGenerator<ArchiveLine> {
  const hash = createHash('sha256');
  let parts: Buffer[] = [];
  let size = 0;
  for await (const piece of stream) {
    let rest = typeof piece === 'string' ? Buffer.from(piece) : piece;
    for (;;) {
      const end = rest.indexOf(10);
      if (end < 0) break;
      const line = Buffer.concat([...parts, rest.subarray(0, end + 1)]);
      rest = rest.subarray(end + 1);
      parts = [];
      size = 0;
      yield { value: parseLine(line), hashBefore: () => hash.copy().digest('hex') };
      hash.update(line);
    }
    if (rest.length > 0) parts.push(rest);
    size += rest.length;
    if (size > LINE_MAX) throw archiveErrors.ArchiveBroken('a line is too long');
  }
  if (size > 0) throw archiveErrors.ArchiveBroken('it ends in the middle of a line');
}

function parseLine(line: Buffer): ArchiveRow | ArchiveMark {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    if (Array.isArray(value) && value.every((item) => item === null || typeof item === 'string')) return value;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as ArchiveMark;
  } catch {
    // not JSON: said below
  }
  throw archiveErrors.ArchiveBroken('a line is no JSON value of ours');
}

/** Checks the first line. */
export function parseHeader(value: ArchiveRow | ArchiveMark | undefined): ArchiveHeader {
  const header = value as Partial<ArchiveHeader> | undefined;
  if (header?.ingot !== 'archive') throw archiveErrors.ArchiveBroken('it does not begin like one');
  if (header.version !== ARCHIVE_VERSION) {
    throw archiveErrors.ArchiveLevel(`it has the format ${header.version}, known is ${ARCHIVE_VERSION}`);
  }
  if (!Array.isArray(header.level) || !Array.isArray(header.keys)) {
    throw archiveErrors.ArchiveBroken('its first line lacks something');
  }
  return header as ArchiveHeader;
}
