import type { RingLimits } from './log/ring.ts';

/** What the console room is told. */
export interface ConsoleConfig {
  /** Recordings go there, a folder for each node. */
  dir: string;
  limits: RingLimits;
  /** Groups whose nodes are recorded here. */
  groups: readonly string[];
  host: string;
  /** Where other processes' APIs reach this one's recorder; null: only its own API does. */
  link: { host: string; port: number; advertise: string | null } | null;
  /** Origins of pages, beside the API's own, that may open sessions. */
  allowedOrigins: readonly string[];
  /** What comes within this after a tenancy began, or after the line was opened, is nobody's. */
  settleMs: number;
  /** A token is good for so long. */
  tokenMs: number;
  maxSessionsPerNode: number;
}

const MINUTE = 60_000;

/** Values no setting changes. */
export const CONSOLE_DEFAULTS = {
  settleMs: 2_000,
  tokenMs: MINUTE,
  maxSessionsPerNode: 32,
} as const;
