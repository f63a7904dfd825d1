import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inspect } from 'node:util';
import { newKey, parseKeyring, renderKeyring } from './keyring.ts';
import { keyIdOf, makeSealer } from './seal.ts';

const keys = [newKey(0), newKey(1)];
const sealer = makeSealer(keys, '/data/keys.json');

describe('sealing', () => {
  test('opens to what was sealed, in its place only', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), fc.string(), (value, place, other) => {
        const sealed = sealer.seal(value, place);
        expect(sealed).toMatch(/^v1\.[\w-]+\.[\w-]{16}\.[\w-]+$/);
        expect(sealer.open(sealed, place)).toEqual(JSON.parse(JSON.stringify(value)));
        if (other !== place) expect(() => sealer.open(sealed, other)).toThrow('does not open');
      }),
    );
  });

  test('never the same twice, and names its key', () => {
    expect(sealer.seal('a', 'b')).not.toBe(sealer.seal('a', 'b'));
    expect(keyIdOf(sealer.seal('a', 'b'))).toBe(keys[1]?.id);
    expect(keyIdOf('nonsense')).toBeUndefined();
  });

  test('a text with any letter changed does not open', () => {
    const sealed = sealer.seal({ password: 'x' }, 'node:1');
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.constantFrom('A', '7', '_', '.'), (at, letter) => {
        const changed = sealed.slice(0, at) + letter + sealed.slice(at + 1);
        // The last letter carries bits that base64 does not use.
        if (changed === sealed || at === sealed.length - 1) return;
        expect(() => sealer.open(changed, 'node:1')).toThrow(/does not open|is not here/);
      }),
    );
  });

  test('anything else throws only our errors', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((s) => `v1.${keys[0]?.id}.${s}`),
        ),
        (text) => {
          expect(() => sealer.open(text, 'a')).toThrow(expect.objectContaining({ name: 'IngotError' }));
        },
      ),
    );
  });

  test('older keys open, missing ones are named with the place they belong', () => {
    const [old, fresh] = keys;
    if (!old || !fresh) throw new Error();
    const sealed = makeSealer([old], 'x').seal(1, 'a');
    expect(sealer.open(sealed, 'a')).toBe(1);
    expect(() => makeSealer([fresh], '/data/keys.json').open(sealed, 'a')).toThrow(
      expect.objectContaining({ code: 'KeyMissing', message: expect.stringContaining(`${old.id} `) }),
    );
  });
});

describe('key files', () => {
  test('read back as written; keys never show', () => {
    const text = renderKeyring(keys);
    const back = parseKeyring(text.reveal(), 'x');
    expect(back.map((key) => [key.id, key.created])).toEqual(keys.map((key) => [key.id, key.created]));
    expect(makeSealer(back, 'x').open(sealer.seal(5, 'a'), 'a')).toBe(5);
    const secret = keys[0]?.secret.reveal().toString('base64url') ?? '';
    expect(inspect(keys) + JSON.stringify(keys) + String(text)).not.toContain(secret.slice(0, 8));
  });

  test('anything else is refused without being quoted', () => {
    const good = { id: 'a', key: Buffer.alloc(32).toString('base64url') };
    for (const bad of [
      'verysecret',
      '{}',
      '[]',
      'null',
      '{"keys":[]}',
      '{"keys":[null]}',
      '{"keys":[{"id":"a.b","key":"x"}]}',
      '{"keys":[{"id":"a","key":"verysecret"}]}',
      JSON.stringify({ keys: [good, good] }),
    ]) {
      expect(() => parseKeyring(bad, '/data/keys.json')).toThrow(
        expect.objectContaining({ code: 'KeyFileBroken', message: expect.not.stringContaining('verysecret') }),
      );
    }
  });
});
