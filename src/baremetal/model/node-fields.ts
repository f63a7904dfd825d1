import type { Sealer } from '#store/contract';
import { INTERFACE_KINDS, type InterfaceKind } from './interfaces.ts';
import type { Document } from './node.ts';
import { type SecretPlace, type SecretValues, secretAad, splitSecrets } from './secrets.ts';

/** Fields of a node by name, in the form verbs take: text, boolean, lower-case UUID, object, or null. */
export type NodeValues = Readonly<Record<string, unknown>>;

/** Columns that hold a JSON object; null becomes `{}`. */
export const DOCUMENT_FIELDS: ReadonlySet<string> = new Set([
  'driver_info',
  'instance_info',
  'properties',
  'extra',
  'network_data',
  'raid_config',
  'target_raid_config',
]);

/** Those of them whose secrets are kept sealed beside. */
export const SECRET_PLACES: ReadonlySet<string> = new Set<SecretPlace>([
  'driver_info',
  'instance_info',
  'driver_internal_info',
]);

/** What null means in columns that are never null. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  maintenance: false,
  protected: false,
  retired: false,
  console_enabled: false,
  disable_power_off: false,
  conductor_group: '',
};

export const interfaceField = (kind: InterfaceKind): `${InterfaceKind}_interface` => `${kind}_interface`;
export const INTERFACE_FIELDS: readonly string[] = INTERFACE_KINDS.map(interfaceField);

/** The interfaces among some fields, by kind. */
export function interfacesOf(values: NodeValues): Partial<Record<InterfaceKind, string | null>> {
  return Object.fromEntries(
    INTERFACE_KINDS.map((kind) => [kind, (values[interfaceField(kind)] as string | null | undefined) ?? null]),
  );
}

/**
 * Field values as columns: documents as JSON text, secrets masked there and sealed beside. `kept` are the secrets
 * a document had, for where the mask was sent back.
 */
export function toColumns(
  sealer: Sealer,
  uuid: string,
  values: NodeValues,
  kept: Readonly<Partial<Record<SecretPlace, SecretValues>>> = {},
): Record<string, unknown> {
  const columns: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    if (!DOCUMENT_FIELDS.has(name)) columns[name] = value ?? DEFAULTS[name] ?? null;
    else if (!SECRET_PLACES.has(name)) columns[name] = JSON.stringify(value ?? {});
    else {
      const place = name as SecretPlace;
      const { masked, secrets } = splitSecrets((value ?? {}) as Document, place, kept[place]);
      columns[name] = JSON.stringify(masked);
      columns[`${name}_sealed`] =
        Object.keys(secrets).length === 0 ? null : sealer.seal(secrets, secretAad(uuid, place));
    }
  }
  return columns;
}
