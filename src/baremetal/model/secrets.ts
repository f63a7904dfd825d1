import { SECRET_MASK } from '#kernel/secret';
import type { Document } from './node.ts';

/** Node documents that may hold secrets; each has a `<name>_sealed` column beside it. */
export type SecretPlace = 'driver_info' | 'instance_info' | 'driver_internal_info';

/**
 * Secret values by place in their document: keys joined with `/`, `~` and `/` in a key written `~0` and `~1`
 * (a JSON pointer without its first slash).
 */
export type SecretValues = Record<string, unknown>;

/** A key that contains one of these is secret, in any case. The first line is what oslo.utils masks. */
const SECRET_WORDS =
  /admin_?pass|password|auth_token|new_pass|secret|sys_pswd|token|encrypted_key|private_key|fernetkey|sslkey|passphrase|passwd|credential|api_?key|access_?key/i;

/** Keys that are secret in one document only, at its root, when they hold anything. */
const SECRET_KEYS: Record<SecretPlace, ReadonlySet<string>> = {
  driver_info: new Set(['snmp_auth_key', 'snmp_priv_key', 'ipmi_hex_kg_key']),
  instance_info: new Set(['configdrive', 'image_url']),
  driver_internal_info: new Set(),
};

/**
 * Is the value under `key` to be masked? Ironic's masking, and more words. Keys that only name a secret
 * (a `…_secret_uuid` is one to oslo too) are masked as well: better one too many.
 */
export function isSecretKey(key: string): boolean {
  return SECRET_WORDS.test(key);
}

const escapeKey = (key: string) => (/[~/]/.test(key) ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key);

/**
 * Takes the secrets out of a document: gives what is shown (each secret replaced by `******`) and the values.
 * `kept` are the values the document had: where it says `******` the old value stays, so that a client may send
 * back what it was shown.
 */
export function splitSecrets(
  document: Document,
  place: SecretPlace,
  kept: SecretValues = {},
): { masked: Document; secrets: SecretValues } {
  const secrets: SecretValues = {};
  const hide = (value: unknown, path: string): string => {
    secrets[path] = value === SECRET_MASK && Object.hasOwn(kept, path) ? kept[path] : value;
    return SECRET_MASK;
  };
  const walk = (value: unknown, path: string): unknown => {
    if (Array.isArray(value)) return value.map((item, i) => walk(item, `${path}/${i}`));
    if (typeof value !== 'object' || value === null) return value;
    // `fromEntries` keeps even a key called `__proto__` a key.
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        const at = path === '' ? escapeKey(key) : `${path}/${escapeKey(key)}`;
        return [key, isSecretKey(key) ? hide(item, at) : walk(item, at)];
      }),
    );
  };
  const masked = walk(document, '') as Document;
  for (const key of SECRET_KEYS[place]) {
    if (masked[key] !== SECRET_MASK && masked[key]) {
      for (const path of Object.keys(secrets)) if (path.startsWith(`${key}/`)) delete secrets[path];
      masked[key] = hide(document[key], key);
    } else if (masked[key] === SECRET_MASK && !Object.hasOwn(secrets, key)) hide(SECRET_MASK, key);
  }
  return { masked, secrets };
}

/** The document as drivers need it: every secret back in its place. Changes nothing it was given. */
export function joinSecrets(masked: Document, secrets: SecretValues): Document {
  const paths = Object.keys(secrets);
  if (paths.length === 0) return masked;
  const out = structuredClone(masked);
  for (const path of paths) {
    const keys = path.split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop();
    let at: unknown = out;
    for (const key of keys) at = own(at, key);
    if (last !== undefined && typeof at === 'object' && at !== null && Object.hasOwn(at, last)) {
      (at as Record<string, unknown>)[last] = secrets[path];
    }
  }
  return out;
}

function own(value: unknown, key: string): unknown {
  const has = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
  return has ? (value as Record<string, unknown>)[key] : undefined;
}

/** What a node's sealed column is bound to; see `Sealer`. */
export function secretAad(nodeUuid: string, place: SecretPlace): string {
  return `node:${nodeUuid}:${place}`;
}
