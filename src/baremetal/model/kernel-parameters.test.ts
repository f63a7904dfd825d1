import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readKernelParameters } from './kernel-parameters.ts';

test('reads words, and leaves the default word out', () => {
  expect(readKernelParameters('console=ttyS0,115200 %default%  quiet ip=[fd00::1]')).toEqual([
    'console=ttyS0,115200',
    'quiet',
    'ip=[fd00::1]',
  ]);
  expect(readKernelParameters(undefined)).toEqual([]);
});

test('nothing comes through that a boot script could take for a statement', () => {
  for (const text of [
    'a\nshell',
    'a\rb',
    'a;b',
    'a|b',
    'a${net0/mac}',
    '"a',
    "'a",
    'a`b',
    'a\0b',
    'a\\b',
    'a\tb',
    'é',
  ]) {
    expect(() => readKernelParameters(text), JSON.stringify(text)).toThrow(/kernel_append_params/);
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      let words: string[];
      try {
        words = readKernelParameters(text);
      } catch {
        return;
      }
      for (const word of words) expect(word).not.toMatch(/[\s;|$"'`\\]/);
    }),
  );
});
