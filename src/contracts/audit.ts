import type { AuditFacts, RequestAudit } from '#http/contract';

/** What happened to one state-changing call, as the server tells it; the sink masks secrets. */
export type AuditEvent = AuditFacts;

/**
 * Where audit events go. `record` resolves when the event is stored: awaited before the reply of a state-changing
 * call is sent, so that no client sees a success that left no record. It never rejects: what cannot be stored now is
 * kept, bounded, and retried, and said in the log.
 */
export type AuditSink = RequestAudit;
