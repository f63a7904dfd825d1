import { BlockList } from 'node:net';
import { ipFamily } from '#kernel/ip-family';

/** What a condition's operator is given, its arguments filled in. */
export type OperatorArgs = Readonly<Record<string, unknown>>;

/** A condition's operator: the arguments it needs, and the test. */
export interface Operator {
  required: readonly string[];
  optional?: readonly string[];
  holds(args: OperatorArgs): boolean;
}

const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value ?? null));

/**
 * Each neighbouring pair of `values` must compare so. Numbers as numbers when both are. `ordered`: what was not found
 * is neither less nor more than anything.
 */
function pairwise(test: (a: string | number, b: string | number) => boolean, ordered: boolean): Operator {
  const scalar = (value: unknown): string | number => {
    if (typeof value === 'number') return value;
    const said = text(value);
    return said.trim() !== '' && Number.isFinite(Number(said)) ? Number(said) : said;
  };
  return {
    required: ['values'],
    optional: ['force_strings'],
    holds: ({ values, force_strings }) => {
      if (!Array.isArray(values) || values.length < 2) return true;
      if (ordered && values.some((value) => value === null || value === undefined)) return false;
      const made = values.map((value: unknown) => (force_strings === true ? text(value) : scalar(value)));
      return made.slice(1).every((value, i) => {
        const before = made[i] as string | number;
        // A number and a word compare as words.
        return typeof before === typeof value ? test(before, value) : test(String(before), String(value));
      });
    },
  };
}

function inNet({ address, subnet }: OperatorArgs): boolean {
  const [net, bits] = text(subnet).split('/');
  const family = ipFamily(text(address));
  const prefix = bits === undefined ? (ipFamily(net ?? '') === 6 ? 128 : 32) : Number(bits);
  if (family === 0 || ipFamily(net ?? '') !== family || !Number.isInteger(prefix)) return false;
  if (prefix < 0 || prefix > (family === 6 ? 128 : 32)) return false;
  const list = new BlockList();
  const kind = family === 6 ? 'ipv6' : 'ipv4';
  list.addSubnet(net as string, prefix, kind);
  return list.check(text(address), kind);
}

/** Longest text a pattern is tried on: patterns come from operators, text from machines. */
const MAX_MATCHED = 4096;

function pattern(anchored: boolean): Operator {
  return {
    required: ['value', 'regex'],
    holds: ({ value, regex }) => {
      const source = text(regex);
      return new RegExp(anchored ? `^(?:${source})` : source).test(text(value).slice(0, MAX_MATCHED));
    },
  };
}

const truth = (value: unknown): boolean | undefined => {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'string') {
    if (['yes', 'true'].includes(value.toLowerCase())) return true;
    if (['no', 'false'].includes(value.toLowerCase())) return false;
  }
  return undefined;
};

/** Operators of conditions, in Ironic's names. `!` before one inverts it. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  eq: pairwise((a, b) => a === b, false),
  ne: pairwise((a, b) => a !== b, false),
  lt: pairwise((a, b) => a < b, true),
  le: pairwise((a, b) => a <= b, true),
  gt: pairwise((a, b) => a > b, true),
  ge: pairwise((a, b) => a >= b, true),
  'is-empty': {
    required: ['value'],
    holds: ({ value }) =>
      value === null || value === undefined || ['', 'None', '[]', '{}', 'null'].includes(text(value)),
  },
  'in-net': { required: ['address', 'subnet'], holds: inNet },
  matches: pattern(true),
  contains: pattern(false),
  'one-of': {
    required: ['value', 'values'],
    holds: ({ value, values }) => Array.isArray(values) && values.some((item: unknown) => text(item) === text(value)),
  },
  'is-none': { required: ['value'], holds: ({ value }) => value === null || value === undefined || value === 'None' },
  'is-true': { required: ['value'], holds: ({ value }) => truth(value) === true },
  'is-false': {
    required: ['value'],
    holds: ({ value }) => value === null || value === undefined || truth(value) === false,
  },
};

/** The operator's plain name and whether it is inverted: `!eq`, `! eq`. */
export function readOperator(op: string): { name: string; inverted: boolean } {
  const inverted = op.startsWith('!');
  return { name: inverted ? op.slice(1).trim() : op, inverted };
}
