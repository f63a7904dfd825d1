import { createSecureContext, type SecureContext } from 'node:tls';
import type { Clock } from '#kernel/clock';
import type { Random } from '#kernel/random';
import { type Certificate, selfSigned } from '#kernel/certificate';
import type { LinkFault } from '../../faults/effects.ts';

const DAY = 86_400_000;

/** A BMC's certificate, made when first needed, and the wrong ones that faults ask for. */
export class Certificates {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #names: readonly string[];
  readonly #contexts = new Map<string, SecureContext>();
  readonly #made = new Map<string, Certificate>();

  constructor(names: readonly string[], clock: Clock, random: Random) {
    this.#names = names;
    this.#clock = clock;
    this.#random = random;
  }

  context(fault: LinkFault['certificate']): SecureContext {
    const kind = fault ?? 'good';
    let context = this.#contexts.get(kind);
    if (context === undefined) {
      context = createSecureContext({ ...this.#certificate(kind), minVersion: 'TLSv1.2' });
      this.#contexts.set(kind, context);
    }
    return context;
  }

  /** The certificate in PEM, to be trusted or pinned. */
  pem(fault: LinkFault['certificate']): string {
    return this.#certificate(fault ?? 'good').cert;
  }

  #certificate(kind: string): Certificate {
    let made = this.#made.get(kind);
    if (made === undefined) {
      const now = this.#clock.now();
      const from = kind === 'not-yet-valid' ? now + 30 * DAY : now - 400 * DAY;
      const to = kind === 'expired' ? now - 30 * DAY : now + 3000 * DAY;
      const names = kind === 'wrong-name' ? ['bmc.somewhere-else.example'] : this.#names;
      const wish = {
        commonName: names[0] ?? 'bmc',
        organization: 'Ingot Lab',
        names,
        notBefore: new Date(from),
        notAfter: new Date(to),
      };
      made = selfSigned(wish, this.#random);
      this.#made.set(kind, made);
    }
    return made;
  }
}
