import { type Certificate, selfSigned } from '#kernel/certificate';
import type { Clock } from '#kernel/clock';
import type { Random } from '#kernel/random';

const HOUR = 3_600_000;

/** The agent's own certificate, for one address. Valid from an hour ago: clocks of conductors differ. */
export function ownCertificate(address: string, clock: Clock, random: Random): Certificate {
  return selfSigned(
    {
      commonName: address,
      organization: 'Ingot agent',
      names: [address],
      notBefore: new Date(clock.now() - HOUR),
      notAfter: new Date(clock.now() + 90 * 24 * HOUR),
    },
    random,
  );
}
