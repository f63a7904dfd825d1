import type { Static, TSchema } from 'typebox';
import { Secret } from '#kernel/secret';
import { agentSettings } from './sections/agent.ts';
import { apiSettings } from './sections/api.ts';
import { authSettings } from './sections/auth.ts';
import { baremetalSettings } from './sections/baremetal.ts';
import { bootSettings } from './sections/boot.ts';
import { conductorSettings } from './sections/conductor.ts';
import { consoleSettings } from './sections/console.ts';
import { databaseSettings } from './sections/database.ts';
import { fakeSettings } from './sections/fake.ts';
import type { Facts } from './sections/fields.ts';
import { generalSettings } from './sections/general.ts';
import { imageSettings } from './sections/image.ts';
import { labSettings } from './sections/lab.ts';
import { networkSettings } from './sections/network.ts';

export type { Role } from './sections/general.ts';

/**
 * Every setting of the product, by section of the file; `general` stands at the top of the file, before any
 * section. The validation, `ingot config show` and `docs/config.md` are made from this table. Each section has a file
 * in `sections/`.
 */
export const SETTINGS = {
  general: generalSettings,
  api: apiSettings,
  auth: authSettings,
  database: databaseSettings,
  conductor: conductorSettings,
  console: consoleSettings,
  network: networkSettings,
  fake: fakeSettings,
  lab: labSettings,
  baremetal: baremetalSettings,
  agent: agentSettings,
  image: imageSettings,
  boot: bootSettings,
};

export type SectionName = keyof typeof SETTINGS;
/** All settings, validated, secrets wrapped. */
export type Config = { [S in SectionName]: Static<(typeof SETTINGS)[S]> };

/** The schema of one setting with what it says of itself. */
export type SettingSchema = TSchema &
  Facts & {
    default: unknown;
    secret?: boolean;
    type?: string | string[];
    enum?: string[];
    minimum?: number;
    maximum?: number;
    items?: SettingSchema;
    anyOf?: SettingSchema[];
  };

export interface SettingRow {
  section: SectionName;
  key: string;
  schema: SettingSchema;
}

/** The table as rows, in its order. */
export function settingRows(): SettingRow[] {
  return Object.entries(SETTINGS).flatMap(([name, value]) =>
    Object.entries(value.properties).map(([key, schema]) => ({
      section: name as SectionName,
      key,
      schema: schema as SettingSchema,
    })),
  );
}

/** `api.listen`; settings of the top of the file have no section. */
export function settingName(row: Pick<SettingRow, 'section' | 'key'>): string {
  return row.section === 'general' ? row.key : `${row.section}.${row.key}`;
}

/** The environment variables that set it, the main one first. */
export function settingVariables(row: SettingRow): string[] {
  const main = `INGOT_${settingName(row).replaceAll('.', '_').toUpperCase()}`;
  return row.schema.env === undefined || row.schema.env === main ? [main] : [main, row.schema.env];
}

/** The default, as a fresh value. */
export function defaultOf(schema: SettingSchema): unknown {
  return structuredClone(schema.default);
}

/** What may stand in the setting, in words. */
export function allowedText(schema: SettingSchema): string {
  if (schema.allowed !== undefined) return schema.allowed;
  if (schema.enum !== undefined) return `one of ${schema.enum.map((value) => `"${value}"`).join(', ')}`;
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'integer') return `a whole number from ${schema.minimum} to ${schema.maximum}`;
  if (schema.type === 'array') {
    const items = schema.items?.enum;
    return items === undefined ? 'a list of texts' : `a list of ${items.map((value) => `"${value}"`).join(', ')}`;
  }
  const pattern =
    (schema as { pattern?: string }).pattern ??
    schema.anyOf?.map((one) => (one as { pattern?: string }).pattern).find(Boolean);
  return pattern === undefined ? 'a text' : `a text that matches ${pattern}`;
}

/** Wraps the value of a secret setting. */
export function wrapSecret(schema: SettingSchema, value: unknown): unknown {
  return schema.secret === true && typeof value === 'string' ? new Secret(value) : value;
}
