import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressText,
  contains,
  isUsable,
  lastOf,
  overlap,
  parseAddress,
  parsePrefix,
  prefixText,
} from './addresses.ts';

describe('addresses', () => {
  it('reads back what it writes', () => {
    const four = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((value) => ({ version: 4 as const, value }));
    const six = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((value) => ({ version: 6 as const, value }));
    const sparse = fc
      .array(fc.constantFrom(0n, 0n, 1n, 0xffffn), { minLength: 8, maxLength: 8 })
      .map((words) => ({ version: 6 as const, value: words.reduce<bigint>((sum, word) => (sum << 16n) | word, 0n) }));
    fc.assert(
      fc.property(fc.oneof(four, six, sparse), (address) => {
        expect(parseAddress(addressText(address))).toEqual(address);
      }),
    );
  });

  it('writes IPv6 the short way', () => {
    for (const [text, short] of [
      ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
      ['::', '::'],
      ['fe80:0:0:1::', 'fe80:0:0:1::'],
      ['1:0:2:0:0:3:0:0', '1:0:2::3:0:0'],
      ['::ffff:10.0.0.1', '::ffff:a00:1'],
      ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ]) {
      expect(addressText(parseAddress(text as string) as never)).toBe(short);
    }
  });

  it('takes nothing else for an address', () => {
    for (const text of ['', 'a', '10.0.0', '10.0.0.256', '10.0.0.1/24', 'fe80::1%eth0', '1:2:3'])
      expect(parseAddress(text)).toBeUndefined();
    for (const text of ['10.0.0.0', '10.0.0.0/33', '::/129', '10.0.0.0/', '/8', '10.0.0.0/8/8'])
      expect(parsePrefix(text)).toBeUndefined();
  });

  it('knows what is in a prefix', () => {
    const prefix = parsePrefix('10.1.2.99/24') as never;
    expect(prefixText(prefix)).toBe('10.1.2.0/24');
    expect(lastOf(prefix)).toBe((parseAddress('10.1.2.255') as { value: bigint }).value);
    const inside = (text: string) => contains(prefix, parseAddress(text) as never);
    expect([inside('10.1.2.0'), inside('10.1.3.0'), inside('::1')]).toEqual([true, false, false]);
    const usable = (text: string) => isUsable(prefix, parseAddress(text) as never);
    expect([usable('10.1.2.0'), usable('10.1.2.1'), usable('10.1.2.255')]).toEqual([false, true, false]);
    expect(overlap(prefix, parsePrefix('10.0.0.0/8') as never)).toBe(true);
    expect(overlap(prefix, parsePrefix('10.1.3.0/24') as never)).toBe(false);
  });
});
