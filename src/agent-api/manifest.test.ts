import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockLength, blockUrl, parseManifest, peersUrl, sourceOf } from './manifest.ts';

const hash = 'a'.repeat(64);

describe('block manifest', () => {
  test('reads what fits together and nothing else', () => {
    const good = { version: 1, virtual_bytes: 100_000, block_bytes: 65_536, blocks: [hash, null], sha256: hash };
    expect(parseManifest(good)).toEqual(good);
    for (const change of [
      { version: 2 },
      { virtual_bytes: 0 },
      { virtual_bytes: 65_536 },
      { virtual_bytes: 1e300 },
      { block_bytes: 512 },
      { block_bytes: 65_537 },
      { blocks: [hash] },
      { blocks: [hash, 'A'.repeat(64)] },
      { blocks: [hash, '../../etc/passwd'] },
      { sha256: 'x' },
    ]) {
      expect(() => parseManifest({ ...good, ...change }), JSON.stringify(change)).toThrow(/manifest is not usable/);
    }
  });

  test('never throws anything but its own error, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        try {
          parseManifest(value);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BadManifest' });
        }
      }),
    );
  });

  test('lengths of the blocks add up to the image', () => {
    const manifest = parseManifest({ version: 1, virtual_bytes: 100_000, block_bytes: 65_536, blocks: [null, hash] });
    expect([0, 1].map((i) => blockLength(manifest, i))).toEqual([65_536, 34_464]);
  });

  test('names blocks and peers beside the manifest', () => {
    const url = 'http://10.0.0.1:8080/images/n0nce/abc/manifest?x=1';
    expect(sourceOf(url)).toBe('http://10.0.0.1:8080/images/n0nce/abc');
    expect(blockUrl(sourceOf(url), hash)).toBe(`http://10.0.0.1:8080/images/n0nce/abc/blocks/${hash}`);
    expect(peersUrl(url)).toBe('http://10.0.0.1:8080/images/n0nce/abc/manifest/peers?x=1');
  });
});
