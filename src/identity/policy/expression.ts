import { errors } from '../errors.ts';

/** The left side of a comparison: a fact of the caller, or a literal. */
export type Left = { fact: string } | { literal: string | null };
/** The right side: a fact of the target, or a literal. */
export type Right = { target: string } | { literal: string | null };

/** A parsed check. `text` is the part of the source it came from, for explanations. */
export type Check =
  | { kind: 'always'; text: string }
  | { kind: 'never'; text: string }
  | { kind: 'and' | 'or'; parts: Check[]; text: string }
  | { kind: 'not'; part: Check; text: string }
  | { kind: 'rule'; name: string; text: string }
  | { kind: 'role'; name: string; text: string }
  | { kind: 'compare'; left: Left; right: Right; text: string };

const MAX_LENGTH = 8192;
const MAX_DEPTH = 64;

interface Token {
  text: string;
  at: number;
}

/** Cuts a check string into words and parentheses; `%(name)s` and quoted text stay whole. */
function tokens(source: string): Token[] {
  const out: Token[] = [];
  let i = 0;
  while (i < source.length) {
    const c = source.charAt(i);
    if (c === ' ' || c === '\t' || c === '\n' || c === '\r') {
      i++;
    } else if (c === '(' || c === ')') {
      out.push({ text: c, at: i });
      i++;
    } else {
      const start = i;
      while (i < source.length) {
        const d = source.charAt(i);
        if (d === "'" || d === '"') {
          const end = source.indexOf(d, i + 1);
          if (end < 0) throw errors.PolicySyntax(source, `the quote at ${i + 1} has no end`);
          i = end + 1;
        } else if (d === '%' && source.charAt(i + 1) === '(') {
          const end = source.indexOf(')s', i);
          if (end < 0) throw errors.PolicySyntax(source, `"%(" at ${i + 1} has no ")s"`);
          i = end + 2;
        } else if (d === '(' || d === ')' || d === ' ' || d === '\t' || d === '\n' || d === '\r') {
          break;
        } else {
          i++;
        }
      }
      out.push({ text: source.slice(start, i), at: start });
    }
  }
  return out;
}

/**
 * Parses oslo.policy's language: `role:x`, `rule:x`, `fact:%(target)s`, `fact:literal`, `'literal':%(target)s`,
 * `@` (always), `!` (never), `and`, `or`, `not` and parentheses. An empty string means always.
 * Throws `PolicySyntax`.
 */
export function parseCheck(source: string): Check {
  if (source.length > MAX_LENGTH) throw errors.PolicySyntax(`${source.slice(0, 40)}…`, 'it is too long');
  const list = tokens(source);
  if (list.length === 0) return { kind: 'always', text: '' };
  let next = 0;
  let depth = 0;
  const fail = (why: string): never => {
    throw errors.PolicySyntax(source, why);
  };
  const peek = () => list[next]?.text.toLowerCase();
  const span = (from: number) => {
    const last = list[next - 1];
    return last === undefined ? '' : source.slice(from, last.at + last.text.length);
  };
  const chain = (word: 'and' | 'or', part: () => Check): Check => {
    const from = list[next]?.at ?? 0;
    const parts = [part()];
    while (peek() === word) {
      next++;
      parts.push(part());
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: word, parts, text: span(from) };
  };
  const either = (): Check => chain('or', both);
  const both = (): Check => chain('and', one);
  const one = (): Check => {
    const token = list[next];
    if (token === undefined) return fail('it ends too early');
    if (++depth > MAX_DEPTH) fail('it is nested too deeply');
    next++;
    let check: Check;
    if (token.text === '(') {
      check = either();
      if (list[next]?.text !== ')') fail(`the parenthesis at ${token.at + 1} is not closed`);
      next++;
    } else if (token.text.toLowerCase() === 'not') {
      const part = one();
      check = { kind: 'not', part, text: span(token.at) };
    } else {
      check = leaf(token.text, fail);
    }
    depth--;
    return check;
  };
  const check = either();
  const rest = list[next];
  if (rest !== undefined) fail(`"${rest.text}" at ${rest.at + 1} is not expected there`);
  return check;
}

function leaf(text: string, fail: (why: string) => never): Check {
  if (text === '@') return { kind: 'always', text };
  if (text === '!') return { kind: 'never', text };
  const colon = splitAt(text);
  if (colon <= 0 || colon === text.length - 1) {
    return fail(`"${text}" is not a check; write kind:value, @ or !`);
  }
  const kind = text.slice(0, colon);
  const value = text.slice(colon + 1);
  if (kind === 'rule') return { kind: 'rule', name: value, text };
  if (kind === 'role') {
    if (value.startsWith('%(')) return fail('a role must be a name');
    return { kind: 'role', name: value.toLowerCase(), text };
  }
  const target = /^%\(([^()]+)\)s$/.exec(value)?.[1];
  if (target === undefined && value.includes('%(')) return fail(`"${value}" mixes text and a target`);
  return {
    kind: 'compare',
    left: literalOf(kind) ?? { fact: kind },
    right: target === undefined ? { literal: unquote(value) } : { target },
    text,
  };
}

/** The colon between the two sides: the first one outside quotes. */
function splitAt(text: string): number {
  const quote = text.charAt(0);
  if (quote === "'" || quote === '"') return text.indexOf(':', text.indexOf(quote, 1));
  return text.indexOf(':');
}

function literalOf(text: string): { literal: string | null } | undefined {
  if (text === 'None') return { literal: null };
  if (text === 'True' || text === 'False' || /^\d+$/.test(text)) return { literal: text };
  const quote = text.charAt(0);
  if ((quote === "'" || quote === '"') && text.endsWith(quote) && text.length > 1)
    return { literal: text.slice(1, -1) };
  return undefined;
}

function unquote(text: string): string | null {
  if (text === 'None') return null;
  return literalOf(text)?.literal ?? text;
}
