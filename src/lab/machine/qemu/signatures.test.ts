import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certificatesIn, readSignatures, type SignatureList, withCertificates, writeSignatures } from './signatures.ts';

const X509 = 'a5c059a1-94e4-4aa7-87b5-ab155c2bf072';
const SHA256 = 'c1c41626-504c-4092-aca9-41f936934328';

const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size }).map((b) => Buffer.from(b));
const guid = fc.uuid();
const list: fc.Arbitrary<SignatureList> = fc.integer({ min: 1, max: 300 }).chain((size) =>
  fc.record({
    type: fc.constantFrom(X509, SHA256),
    header: fc.integer({ min: 0, max: 8 }).chain(bytes),
    signatures: fc.array(fc.record({ owner: guid, data: bytes(size) }), { minLength: 1, maxLength: 4 }),
  }),
);
const certificate = fc.record({ owner: guid, der: fc.integer({ min: 1, max: 900 }).chain(bytes) });

describe('signature lists of UEFI', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(list, { maxLength: 5 }), (lists) => {
        const written = writeSignatures(lists);
        expect(readSignatures(written)).toEqual(lists);
        expect(writeSignatures(readSignatures(written))).toEqual(written);
      }),
    );
  });

  it('hold the certificates that they are given, and keep digests', () => {
    fc.assert(
      fc.property(fc.array(list, { maxLength: 4 }), fc.array(certificate, { maxLength: 4 }), (lists, certificates) => {
        const database = withCertificates(writeSignatures(lists), certificates);
        expect(certificatesIn(database)).toEqual(certificates);
        const digests = (of: readonly SignatureList[]) => of.filter(({ type }) => type !== X509);
        expect(digests(readSignatures(database))).toEqual(digests(lists));
      }),
    );
  });

  it('that are damaged are refused, and never hang', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        try {
          readSignatures(Buffer.from(noise));
        } catch (error) {
          expect((error as { code?: string }).code).toBe('LabBadVariables');
        }
      }),
    );
    const written = writeSignatures([
      { type: X509, header: Buffer.alloc(0), signatures: [{ owner: SHA256, data: Buffer.alloc(9) }] },
    ]);
    for (let cut = 1; cut < written.length; cut++)
      expect(() => readSignatures(written.subarray(0, cut))).toThrow(/signature list/);
  });
});
