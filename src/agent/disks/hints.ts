import type { FoundDisk } from '../inventory/disks.ts';
import { errors } from '../errors.ts';

export type Hints = Readonly<Record<string, unknown>>;

const GIB = 1024 ** 3;
/** A root disk is not smaller than this unless a hint asks for it. */
const LEAST_ROOT = 4 * GIB;

const TEXTS = [
  'model',
  'vendor',
  'serial',
  'wwn',
  'wwn_with_extension',
  'wwn_vendor_extension',
  'name',
  'hctl',
  'by_path',
] as const;
type TextHint = (typeof TEXTS)[number];

const NUMERIC: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a >= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
};
const TEXTUAL: Readonly<Record<string, (a: string, b: string) => boolean>> = {
  's==': (a, b) => a === b,
  's!=': (a, b) => a !== b,
  's>=': (a, b) => a >= b,
  's<=': (a, b) => a <= b,
  's>': (a, b) => a > b,
  's<': (a, b) => a < b,
  '<in>': (a, b) => a.includes(b),
};

type Test = (disk: FoundDisk) => boolean;

/**
 * Reads root device hints as Ironic documents them: `{"size": ">= 60", "rotational": false, "model": "<in> samsung"}`,
 * also `<or>` and `<all-in>`. Texts compare without case. Throws `BadHint` for a hint that means nothing.
 */
export function readHints(hints: Hints): Test[] {
  return Object.entries(hints).map(([name, value]): Test => {
    if (value === null || value === undefined) throw errors.BadHint(name, 'it has no value');
    if (!['string', 'number', 'bigint', 'boolean'].includes(typeof value)) {
      throw errors.BadHint(name, 'it is no text, number or truth value');
    }
    if (name === 'rotational') return rotationalTest(value);
    if (name === 'size') {
      const test = numberTest(name, value);
      return (disk) => test(Math.floor(disk.size / GIB));
    }
    if (!(TEXTS as readonly string[]).includes(name)) throw errors.BadHint(name, 'there is no such hint');
    const test = textTest(name, String(value));
    return (disk) => {
      const found = disk[name as TextHint];
      return found !== null && test(found.toLowerCase());
    };
  });
}

function rotationalTest(value: unknown): Test {
  const text = String(value).toLowerCase();
  if (['true', '1', 'yes', 'on', 't', 'y'].includes(text)) return (disk) => disk.rotational;
  if (['false', '0', 'no', 'off', 'f', 'n'].includes(text)) return (disk) => !disk.rotational;
  throw errors.BadHint('rotational', `${text} is neither true nor false`);
}

/** `60`, `>= 60`, `<or> 60 <or> 120`. A number alone means exactly it. */
function numberTest(name: string, value: unknown): (n: number) => boolean {
  const text = String(value).trim();
  const several = alternatives(text);
  if (several !== null) {
    const numbers = several.map((part) => numberIn(name, part));
    return (n) => numbers.includes(n);
  }
  const found = /^(==|!=|>=|<=|=|>|<)?\s*(\S+)$/.exec(text);
  if (found === null) throw errors.BadHint(name, `${text} is no number`);
  const wanted = numberIn(name, found[2] ?? '');
  const compare = NUMERIC[found[1] ?? '=='];
  return (n) => compare?.(n, wanted) ?? false;
}

function numberIn(name: string, text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw errors.BadHint(name, `${text} is no number`);
  return number;
}

function textTest(name: string, value: string): (text: string) => boolean {
  // Hints are kept URL-quoted by some conductors.
  const text = unquoted(value).toLowerCase().trim();
  const several = alternatives(text);
  if (several !== null) return (found) => several.includes(found);
  if (text.startsWith('<all-in>')) {
    const parts = text.split('<all-in>').map((part) => part.trim());
    const wanted = parts.flatMap((part) => part.split(/\s+/)).filter((part) => part !== '');
    return (found) => wanted.every((part) => found.includes(part));
  }
  const found = /^(s==|s!=|s>=|s<=|s>|s<|<in>)\s*(.*)$/.exec(text);
  const compare = TEXTUAL[found?.[1] ?? 's=='];
  const wanted = found === null ? text : (found[2] ?? '');
  if (wanted === '') throw errors.BadHint(name, 'it has no value');
  return (candidate) => compare?.(candidate, wanted) ?? false;
}

function alternatives(text: string): string[] | null {
  if (!text.startsWith('<or>')) return null;
  return text
    .split('<or>')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function unquoted(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The disk to deploy to: the first that all hints fit, otherwise the smallest of at least 4 GiB. Disks that cannot be
 * written, and media the BMC plugged in, are none. Throws `NoRootDevice`, which names the disks there are.
 */
export function chooseRootDisk(disks: readonly FoundDisk[], hints: Hints | null): FoundDisk {
  const usable = disks.filter((disk) => !disk.readOnly && !disk.member);
  const there = disks
    .map((disk) => `${disk.name} (${disk.size} bytes${disk.readOnly ? ', read only' : ''})`)
    .join(', ');
  const list = there === '' ? 'there are no disks' : there;
  if (hints !== null && Object.keys(hints).length > 0) {
    const tests = readHints(hints);
    const found = usable.find((disk) => tests.every((test) => test(disk)));
    if (found === undefined) throw errors.NoRootDevice(`no disk fits the hints ${JSON.stringify(hints)}: ${list}`);
    return found;
  }
  const fixed = usable.filter((disk) => !disk.removable && disk.size >= LEAST_ROOT);
  const smallest = fixed.sort((a, b) => a.size - b.size)[0];
  if (smallest === undefined) throw errors.NoRootDevice(`no disk has at least ${LEAST_ROOT} bytes: ${list}`);
  return smallest;
}

/** Hints of a node: those of the instance before those of the machine. */
export function hintsOf(node: Readonly<Record<string, unknown>> | null): Hints | null {
  for (const part of ['instance_info', 'properties']) {
    const from = node?.[part];
    const hints = typeof from === 'object' && from !== null ? (from as Hints)['root_device'] : undefined;
    if (typeof hints === 'object' && hints !== null && Object.keys(hints).length > 0) return hints as Hints;
  }
  return null;
}
