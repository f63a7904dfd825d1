import { SECRET_MASK, Secret } from '#kernel/secret';

/** Deeper than this is cut: a log line is not a dump. */
const MAX_DEPTH = 8;
const MAX_ITEMS = 100;
const MAX_TEXT = 8192;

const SECRET_WORDS =
  /pass(word|wd|phrase)?$|passw|secret|token|api_?key|private_?key|(auth|priv|encryption|hmac|hash|seal|kg)_key|credential|authorization|^cookie$|^set-cookie$|community$|_psk$|^configdrive$|^user_data$/i;
const HARMLESS =
  /^(token_type|token_count|tokens_per|secret_name|secret_mask|password_expires|credential_id|.*_token_id)/i;

/** Keys already judged: log lines repeat the same few for ever. Bounded, since some come from clients. */
const judged = new Map<string, boolean>();

/** True when a field called `key` is taken for a secret wherever it is written. */
export function isSecretKey(key: string): boolean {
  const known = judged.get(key);
  if (known !== undefined) return known;
  const secret = SECRET_WORDS.test(key.replaceAll('-', '_')) && !HARMLESS.test(key);
  if (judged.size < 1000) judged.set(key, secret);
  return secret;
}

/**
 * A plain copy of log fields in which secrets read `******` at any depth: values of type `Secret`, values of
 * keys that name one, and passwords inside URLs. Errors become `{ type, message, code, stack, cause }`.
 */
export function maskSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(fields)) out[key] = maskField(key, fields[key], 0, undefined);
  return out;
}

function maskField(key: string, value: unknown, depth: number, above: readonly object[] | undefined): unknown {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined) return value;
  if (isSecretKey(key)) return SECRET_MASK;
  return mask(value, depth, above);
}

function mask(value: unknown, depth: number, above: readonly object[] | undefined): unknown {
  switch (typeof value) {
    case 'string':
      return maskText(value);
    case 'bigint':
      return value.toString();
    case 'function':
    case 'symbol':
      return undefined;
    case 'object':
      break;
    default:
      return value;
  }
  if (value === null) return null;
  if (value instanceof Secret) return SECRET_MASK;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (above?.includes(value)) return '[circular]';
  if (depth >= MAX_DEPTH) return '[deep]';
  const path = above === undefined ? [value] : [...above, value];
  if (value instanceof Error) return maskError(value, depth, path);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item) => mask(item, depth + 1, path));
    if (value.length > MAX_ITEMS) items.push(`[${value.length - MAX_ITEMS} more]`);
    return items;
  }
  if (value instanceof Set) return mask([...value], depth, path);
  const source = value instanceof Map ? Object.fromEntries(value) : (value as Record<string, unknown>);
  const out: Record<string, unknown> = {};
  let count = 0;
  for (const key of Object.keys(source)) {
    if (++count > MAX_ITEMS) {
      out['…'] = '[more keys]';
      break;
    }
    out[key] = maskField(key, source[key], depth + 1, path);
  }
  return out;
}

function maskError(error: Error, depth: number, path: readonly object[]): Record<string, unknown> {
  const out: Record<string, unknown> = { type: error.name, message: maskText(error.message) };
  const facts = error as Error & { code?: unknown; status?: unknown; details?: unknown };
  if (facts.code !== undefined) out['code'] = mask(facts.code, depth + 1, path);
  if (facts.status !== undefined) out['status'] = mask(facts.status, depth + 1, path);
  if (facts.details !== undefined) out['details'] = mask(facts.details, depth + 1, path);
  if (error.stack !== undefined) out['stack'] = maskText(error.stack);
  if (error.cause !== undefined) out['cause'] = mask(error.cause, depth + 1, path);
  if (error instanceof AggregateError) out['errors'] = mask(error.errors, depth + 1, path);
  return out;
}

/** Cuts long text and hides the password of URLs (`scheme://user:password@host`). */
function maskText(text: string): string {
  const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… [${text.length} characters]` : text;
  return cut.includes('://') ? cut.replace(/(:\/\/[^\s:/@]*):[^\s@/]*@/g, `$1:${SECRET_MASK}@`) : cut;
}
