import { type BodyBudgetLimits, DEFAULT_BUDGET } from './body-budget.ts';
import { type BodyPace, DEFAULT_PACE } from './body-reader.ts';

/** Bytes of a request's head; more is answered with 431. */
export const MAX_HEADER_BYTES = 32 * 1024;

/** What a client may cost. Milliseconds and numbers. */
export interface ServerLimits {
  /** For the whole head of a request. */
  headersTimeoutMs: number;
  /** An idle kept-alive connection is closed after this. */
  keepAliveMs: number;
  /** A connection on which nothing moves in either direction is closed after this. */
  idleMs: number;
  maxConnections: number;
  /** Requests served at once; more get 503. One connection can pipeline thousands. */
  maxInFlight: number;
  bodies: BodyBudgetLimits;
  pace: BodyPace;
}

export const DEFAULT_LIMITS: ServerLimits = {
  headersTimeoutMs: 15_000,
  keepAliveMs: 75_000, // longer than the 60 s of common load balancers, so that they close first
  idleMs: 150_000,
  maxConnections: 10_000,
  maxInFlight: 5000,
  bodies: DEFAULT_BUDGET,
  pace: DEFAULT_PACE,
};
