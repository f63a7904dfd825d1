import type { Caller } from '#http/contract';

/** What happened to one state-changing call; the sink masks secrets. */
export interface AuditEvent {
  /** Milliseconds since the epoch, when the request came. */
  at: number;
  requestId: string;
  /** null when the caller could not be authenticated. */
  caller: Caller | null;
  /** Address of the peer. */
  source: string;
  userAgent: string | null;
  method: string;
  /** Path without the query. */
  path: string;
  /** Route id, `node.patch`; null when no route matched. */
  route: string | null;
  /** Door, `baremetal`. */
  service: string;
  /** Path parameters: what was acted on. */
  target: Readonly<Record<string, string>>;
  status: number;
  /** Stable error code when it failed. */
  error: string | null;
  durationMs: number;
}

/** Where audit events go. */
export interface AuditSink {
  /**
   * Resolves when the event is stored. Await it before the reply of a state-changing call is sent, so that no
   * client sees a success that left no record. Never rejects: what cannot be stored now is kept, bounded, and
   * retried, and said in the log.
   */
  record(event: AuditEvent): Promise<void>;
}
