import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IngotError } from '#kernel/errors';
import { MAX_DEPTH, parseJsonBody } from './json-body.ts';

const outcome = (bytes: Buffer): { value: unknown } | 'refused' => {
  try {
    return { value: parseJsonBody(bytes) };
  } catch (error) {
    expect(error).toBeInstanceOf(IngotError);
    expect((error as IngotError).status).toBe(400);
    return 'refused';
  }
};

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? 1 + Math.max(0, ...Object.values(value).map((item) => depthOf(item)))
    : 0;

const dangerous = (value: unknown): boolean => {
  if (typeof value === 'string') return value.includes('\0') || /\p{Surrogate}/u.test(value);
  if (typeof value === 'number') return !Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.keys(value).some((key) => {
    const item = (value as Record<string, unknown>)[key];
    const reaches = typeof item === 'object' && item !== null && Object.hasOwn(item, 'prototype');
    return dangerous(key) || key === '__proto__' || (key === 'constructor' && reaches) || dangerous(item);
  });
};

describe('parseJsonBody', () => {
  it('agrees with JSON.parse on all it accepts, and accepts all that is harmless', () => {
    const key = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('__proto__', 'constructor', 'prototype', 'a"\\'),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'medium', withCrossShrink: true },
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.double({ noNaN: true }),
          fc.boolean(),
          fc.constant(null),
          fc.integer(),
        ),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.array(fc.tuple(key, tie('tree')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
      ),
    }));
    fc.assert(
      fc.property(tree, fc.boolean(), (value, escaped) => {
        let text = JSON.stringify(value);
        if (escaped) text = text.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
        const bytes = Buffer.from(text);
        const parsed: unknown = JSON.parse(bytes.toString());
        const result = outcome(bytes);
        if (depthOf(parsed) > MAX_DEPTH || dangerous(parsed)) expect(result).toBe('refused');
        else expect(result).toEqual({ value: parsed });
      }),
      { numRuns: 2000 },
    );
  });

  it('never does anything else than parse or refuse', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      '\\u',
      'd800',
      '0000',
      ':',
      ',',
      '1',
      'e999',
      '9'.repeat(310),
      '\0',
      'é',
      '__proto__',
      ' ',
      'null',
      '-',
      '.',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 60 }),
          fc.array(piece, { maxLength: 30 }).map((p) => Buffer.from(p.join(''))),
        ),
        (bytes) => {
          const result = outcome(Buffer.from(bytes));
          if (result !== 'refused') expect(dangerous(result.value)).toBe(false);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('counts levels outside strings only', () => {
    const nested = (levels: number) => Buffer.from('['.repeat(levels) + ']'.repeat(levels));
    expect(outcome(nested(MAX_DEPTH))).not.toBe('refused');
    expect(outcome(nested(MAX_DEPTH + 1))).toBe('refused');
    expect(outcome(Buffer.from(`"\\"${'['.repeat(100)}"`))).toEqual({ value: `"${'['.repeat(100)}` });
  });

  it('takes linear time on hostile strings', () => {
    const started = performance.now();
    outcome(Buffer.from(`["${'\\\\'.repeat(500_000)}"${',""'.repeat(500_000)}]`));
    outcome(Buffer.from(`"${'\\'.repeat(1_000_001)}`));
    expect(performance.now() - started).toBeLessThan(3000);
  });
});
