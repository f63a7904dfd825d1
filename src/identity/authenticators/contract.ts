import type { KnownCaller } from '#contracts/identity';
import type { AskedRequest } from '../tokens/access-rules.ts';

export type HeaderValues = Record<string, string | string[] | undefined>;

/** Finds out who calls, from headers it verifies itself. No other header is ever looked at. */
export interface Authenticator {
  /** Throws `Unauthorized` (401), `TooManyLogins` (429) or a 503. May answer at once, without a promise. */
  authenticate(headers: HeaderValues, source: string, request?: AskedRequest): Promise<KnownCaller> | KnownCaller;
  /** Value of `WWW-Authenticate`. */
  readonly challenge: string | undefined;
  close(): Promise<void> | void;
}
