import type { Clock } from '#kernel/clock';
import type { Secret } from '#kernel/secret';
import type { ConductorLease } from '#work/contract';

/** How to log in at BMCs, and what their certificates must be. */
export interface ProbeLogin {
  username: string | null;
  password: Secret | null;
  /** `pin`: any certificate, whose fingerprint then belongs to the node. `ca`: one this host trusts, before the password is sent. */
  certificates: 'pin' | 'ca' | 'any';
}

/** What a probe is given beside the place. */
export interface ProbeParts {
  clock: Clock;
  login: ProbeLogin;
  lease: ConductorLease;
  signal: AbortSignal;
  /** Milliseconds a place has to answer at all. */
  waitMs: number;
  protocols: readonly ('redfish' | 'ipmi')[];
  /** Told before the login: true when a node drives this place already, which is then left alone. */
  isKnown(protocol: 'redfish' | 'ipmi', port: number): boolean;
}
