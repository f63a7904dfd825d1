// Generated from the route table of audit by `npm run generate`; a check compares. Do not edit.
import type { Operation } from '../operation.ts';

export interface AuditListQuery {
  initiator?: string | undefined;
  project?: string | undefined;
  target?: string | undefined;
  action?: string | undefined;
  outcome?: "success" | "failure" | undefined;
  since?: string | undefined;
  until?: string | undefined;
  limit?: number | undefined;
  marker?: number | undefined;
}

/** Every operation of the service, by name. */
export const audit = {
  /** List audit records, newest first */
  auditList: { id: 'audit.list', method: 'GET', path: '/audit/events' } as Operation<undefined, AuditListQuery, undefined, unknown>,
  /** Check the chain of audit records */
  auditVerify: { id: 'audit.verify', method: 'GET', path: '/audit/verify' } as Operation<undefined, undefined, undefined, unknown>,
};
