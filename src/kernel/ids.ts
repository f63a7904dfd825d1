import { randomUUID } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A random (version 4) UUID, lower case with dashes. */
export function newUuid(): string {
  return randomUUID();
}

/** True when `text` has the shape of a UUID, any version, any case. */
export function isUuid(text: string): boolean {
  return text.length === 36 && UUID.test(text);
}

/** A request id in OpenStack's form, `req-<uuid>`. */
export function newRequestId(): string {
  return `req-${randomUUID()}`;
}
