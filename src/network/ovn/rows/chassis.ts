import { createHash } from 'node:crypto';
import type { Chassis } from '../../model/truth.ts';

// Which chassis carries what. Rendezvous hashing: everyone comes to the same order, load spreads, and a chassis that
// comes or goes moves only what is its own.

/** A group has at most this many chassis: each pair of them watches the other. */
const MOST = 5;

/** Chassis fit for `what`, best first. */
export function order(what: string, chassis: readonly Chassis[]): Chassis[] {
  const score = (one: Chassis) => createHash('sha1').update(`${what} ${one.name}`).digest('hex');
  return chassis
    .map((one) => ({ one, score: score(one) }))
    .sort((a, b) => (a.score < b.score ? -1 : 1))
    .slice(0, MOST)
    .map(({ one }) => one);
}

/**
 * Those that live, or all when none seems to. OVN's own watch (BFD) leaves a hole: who has lost all its tunnels takes
 * itself for the one that is cut off, so of two hosts the second never takes over from the first.
 */
export function living(chassis: readonly Chassis[]): readonly Chassis[] {
  const alive = chassis.filter((one) => one.alive);
  return alive.length > 0 ? alive : chassis;
}

/** Gateway chassis that reach a physical network; all that reach it when none of them is called a gateway. */
export function reaching(physicalNetwork: string, chassis: readonly Chassis[]): Chassis[] {
  const all = chassis.filter((one) => one.physicalNetworks.includes(physicalNetwork));
  const gateways = all.filter((one) => one.gateway);
  return gateways.length > 0 ? gateways : all;
}

/** The living chassis that bridges a VLAN of a physical network into an overlay; undefined when there is none. */
export function bridging(segmentId: string, physicalNetwork: string, chassis: readonly Chassis[]): Chassis | undefined {
  const fit = reaching(physicalNetwork, chassis);
  return (
    order(
      segmentId,
      fit.filter((one) => one.alive),
    )[0] ?? order(segmentId, fit)[0]
  );
}

/** A MAC of our own making for an object, always the same. Locally administered. */
export function madeMac(what: string): string {
  const hash = createHash('sha1').update(what).digest();
  const bytes = [0x02, 0x49, ...hash.subarray(0, 4)];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
