import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemRandom } from '#kernel/random';
import { privateKeyOf, selfSigned } from './certificate.ts';

describe('self-signed certificates', () => {
  it('are read by Node as they were meant, whatever the names and dates', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.oneof(fc.ipV4(), fc.domain(), fc.constantFrom('::1', 'fd00:9::42')), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.integer({ min: 0, max: 60 * 365 }),
        (names, days) => {
          const notBefore = new Date('2024-01-01T00:00:00Z');
          const notAfter = new Date(notBefore.getTime() + (days + 1) * 86_400_000);
          const made = selfSigned({ commonName: 'bmc', organization: 'Lab', names, notBefore, notAfter }, systemRandom);
          const read = new X509Certificate(made.cert);
          expect(read.verify(read.publicKey)).toBe(true);
          expect(read.checkPrivateKey(privateKeyOf(made))).toBe(true);
          expect(new Date(read.validTo).getTime()).toBe(notAfter.getTime());
          for (const name of names) {
            const ip = name.includes(':') || /^[\d.]+$/.test(name);
            expect(ip ? read.checkIP(name) : read.checkHost(name)).toBeTruthy();
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
