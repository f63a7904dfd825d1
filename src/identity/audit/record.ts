import type { AuditEvent } from '#contracts/audit';
import { newUuid } from '#kernel/ids';
import { maskSecrets } from '#platform/mask';

/** A row of `audit_records` before it is stored. `record` is the CADF event as text. */
export interface AuditRow {
  initiator: string | null;
  project: string | null;
  outcome: 'success' | 'failure';
  action: string;
  target: string | null;
  record: string;
}

const VERBS: Record<string, string> = { POST: 'create', PUT: 'update', PATCH: 'update', DELETE: 'delete' };

/** CADF words of services that are not their catalog type. */
const SERVICE_TYPES: Record<string, string> = {
  baremetal: 'service/compute/baremetal',
  identity: 'service/security',
};

/** Makes the record of a call: who, what, on what, from where, and how it ended. Secrets are masked. */
export function auditRowOf(event: AuditEvent): AuditRow {
  const { caller, route, target } = event;
  const noun = nounOf(event);
  const verb = route === 'token.issue' ? 'authenticate' : (VERBS[event.method] ?? event.method.toLowerCase());
  const outcome = event.status < 400 ? 'success' : 'failure';
  const ids = Object.values(target);
  const record = maskSecrets({
    typeURI: 'http://schemas.dmtf.org/cloud/audit/1.0/event',
    eventType: 'activity',
    id: newUuid(),
    eventTime: new Date(event.at).toISOString(),
    action: `${verb}/${noun}`,
    outcome,
    reason: {
      reasonType: 'HTTP',
      reasonCode: String(event.status),
      ...(event.error === null ? {} : { policyId: event.error }),
    },
    initiator: {
      typeURI: 'service/security/account/user',
      id: caller?.userId ?? null,
      name: caller?.userName ?? null,
      project_id: caller?.projectId ?? null,
      domain_id: caller?.domainId ?? null,
      system: caller?.system ?? false,
      audit_id: caller?.auditId ?? null,
      host: { address: event.source, agent: event.userAgent?.slice(0, 256) ?? null },
    },
    target: {
      typeURI: `${SERVICE_TYPES[event.service] ?? `service/${event.service}`}/${noun}`,
      id: ids.at(-1) ?? null,
      ...pick(target),
    },
    observer: { typeURI: SERVICE_TYPES[event.service] ?? `service/${event.service}`, id: 'ingot' },
    requestPath: event.path.slice(0, 1024),
    requestId: event.requestId,
    route,
    durationMs: Math.round(event.durationMs * 10) / 10,
  });
  return {
    initiator: caller?.userId ?? null,
    project: caller?.projectId ?? null,
    outcome,
    action: String(record['action']),
    target: ids.at(-1)?.slice(0, 255) ?? null,
    // PostgreSQL stores no NUL and no half of a character; JSON.stringify escapes both, `json` keeps the escape.
    record: JSON.stringify(record),
  };
}

/** `node.patch` → `node`; of an unknown route, nothing. */
function nounOf(event: AuditEvent): string {
  const parts = event.route?.split('.') ?? [];
  return parts.length > 1 ? parts.slice(0, -1).join('/') : (parts[0] ?? 'unknown');
}

/** Path parameters with long ones cut: they are the client's words. */
function pick(target: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(target).map(([name, value]) => [name, value.slice(0, 255)]));
}
