import { type Static, type TSchema, Type } from 'typebox';
import { Secret } from '#kernel/secret';

/** What a setting says of itself beside its JSON schema. Ajv takes these as annotations. */
type Facts = {
  /** One or two sentences for `docs/config.md`. */
  description: string;
  /** What may stand there, for error messages; without it the schema is put into words. */
  allowed?: string;
  /** The flag of `ingot up` that sets it. */
  flag?: string;
  /** An environment variable beside `INGOT_<SECTION>_<KEY>`. */
  env?: string;
};

const text = (facts: Facts & { default: string; pattern?: string; minLength?: number }) => Type.String(facts);
const optionalText = (facts: Facts & { pattern?: string }) =>
  Type.Union([Type.String(facts.pattern === undefined ? {} : { pattern: facts.pattern }), Type.Null()], {
    ...facts,
    default: null,
  });
const secretText = (facts: Facts) =>
  Type.Unsafe<Secret | null>({ type: ['string', 'null'], secret: true, default: null, ...facts });
const flag = (facts: Facts & { default: boolean }) => Type.Boolean(facts);
const whole = (facts: Facts & { default: number; minimum: number; maximum: number }) => Type.Integer(facts);
const choice = <T extends string>(values: readonly T[], facts: Facts & { default: T }) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], ...facts });
const list = (facts: Facts & { default: string[]; items?: readonly string[] }) => {
  const { items, ...rest } = facts;
  return Type.Array(Type.String(items === undefined ? { minLength: 1 } : { enum: [...items] }), {
    ...rest,
    uniqueItems: true,
  });
};
const section = <P extends Record<string, TSchema>>(description: string, properties: P) =>
  Type.Object(properties, { description, additionalProperties: false });

export const ROLES = ['all', 'api', 'conductor'] as const;
export type Role = (typeof ROLES)[number];

const HOST_PORT =
  '^(\\[[0-9a-fA-F:.]+\\]|[^\\s:/]+):(\\d{1,4}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])$';
const STEP = '^[a-z]+\\.[a-z0-9_]+$';

/**
 * Every setting of the product, by section of the file; `general` stands at the top of the file, before any
 * section. The validation, `ingot config show` and `docs/config.md` are made from this table.
 */
export const SETTINGS = {
  general: section('Where this process keeps its things and what it does.', {
    data_dir: text({
      default: '',
      flag: '--data-dir',
      env: 'INGOT_DATA_DIR',
      description:
        'Folder of the database, the key of the secrets and the log files. Empty: `/var/lib/ingot` for root, else `ingot` under `$XDG_DATA_HOME` or `~/.local/share`.',
    }),
    roles: list({
      default: ['all'],
      items: ROLES,
      flag: '--role',
      description: 'What this process does. `all` is every role; others are named one by one.',
    }),
    log_level: choice(['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
      default: 'info',
      flag: '--log-level',
      description: 'The least serious line that is logged.',
    }),
    log_format: choice(['auto', 'json', 'pretty'], {
      default: 'auto',
      flag: '--log-format',
      description: 'How log lines look on standard error. `auto`: for people on a terminal, else JSON.',
    }),
  }),
  api: section('The door of the HTTP API.', {
    listen: text({
      default: '127.0.0.1:6385',
      pattern: HOST_PORT,
      flag: '--listen',
      allowed: 'HOST:PORT, such as 127.0.0.1:6385, 0.0.0.0:6385 or [::]:6385',
      description: 'Address and port of the API. Port 0 takes a free one.',
    }),
    public_url: optionalText({
      pattern: '^https?://[^\\s/]+[^\\s]*[^\\s/]$',
      allowed: 'a URL without a slash at its end, such as https://cloud.example.org',
      description: 'The URL clients use when a proxy stands before the API; links and the catalog carry it.',
    }),
    max_limit: whole({
      default: 1000,
      minimum: 1,
      maximum: 10_000,
      description: 'Rows of a list page, by default and at most.',
    }),
  }),
  auth: section('Who may use the API.', {
    strategy: choice(['none', 'http_basic', 'keystone'], {
      default: 'http_basic',
      flag: '--auth',
      description:
        '`none`: everybody is administrator, so it is refused unless the API listens on loopback only. `http_basic`: names and passwords of the file in `htpasswd`. `keystone`: tokens of the identity service at `/identity/v3`.',
    }),
    allow_none_anywhere: flag({
      default: false,
      flag: '--allow-none-anywhere',
      description:
        'Lets `strategy = "none"` listen on addresses that others reach. Only behind a proxy that checks who calls.',
    }),
    htpasswd: optionalText({
      description:
        'File of names and bcrypt hashes, as `htpasswd -B` makes it. None: `htpasswd` in the data directory.',
    }),
    region: text({
      default: 'RegionOne',
      pattern: '^[^\\s/]{1,255}$',
      description: 'Name of the region in the catalog of services.',
    }),
    token_lifetime_s: whole({
      default: 28_800,
      minimum: 300,
      maximum: 604_800,
      description: 'Seconds a token is good for.',
    }),
    policy_file: optionalText({
      description: 'File of rules that override the built-in ones (TOML, JSON or YAML); read again when it changes.',
    }),
    admin_password: secretText({
      description:
        'Password of the first administrator, used at the first start only. None: one is made. Either way it is written to `admin-password` in the data directory, for its owner alone.',
    }),
  }),
  database: section('PostgreSQL.', {
    url: secretText({
      flag: '--database-url',
      env: 'DATABASE_URL',
      allowed: 'a URL such as postgresql://ingot:password@db.example.org/ingot',
      description:
        'An external PostgreSQL (15 or newer). None: the one that comes with Ingot runs as a child of this process.',
    }),
    pool: whole({
      default: 10,
      minimum: 2,
      maximum: 100,
      description:
        'Connections of this process to the database, those of the work engine and of the change feed apart.',
    }),
  }),
  conductor: section('The part that works on machines.', {
    host: optionalText({
      pattern: '^[A-Za-z0-9._-]{1,255}$',
      description: 'Name of this conductor; must stay the same over restarts. None: the host name.',
    }),
    group: text({
      default: '',
      pattern: '^[a-zA-Z0-9._-]{0,255}$',
      flag: '--conductor-group',
      description: 'The group of nodes this conductor works on.',
    }),
    enabled_hardware_types: list({
      default: ['redfish', 'ipmi', 'fake-hardware'],
      items: ['redfish', 'ipmi', 'fake-hardware'],
      description: 'Kinds of machines this conductor drives.',
    }),
    automated_clean: flag({ default: true, description: 'Clean nodes by themselves before they are offered.' }),
    power_off_after_deploy_failure: flag({
      default: true,
      description: 'Switch a machine off when deploying it failed.',
    }),
    power_sync_every_s: whole({
      default: 120,
      minimum: 0,
      maximum: 86_400,
      description: 'Seconds between two looks at the power state of each machine. 0: never.',
    }),
    power_sync_force: flag({
      default: false,
      description: 'Put a machine back into the power state that was recorded, instead of recording what it is in.',
    }),
  }),
  fake: section('The hardware type `fake-hardware`: machines that exist in the database only.', {
    delay_s: Type.Record(Type.String(), Type.Number({ minimum: 0, maximum: 86_400 }), {
      default: {},
      allowed: 'a table of seconds, such as { "power" = 1, "clean.erase_devices" = 2.5 }',
      description:
        'Seconds that calls take for every fake machine, by interface, call or step. `driver_info.fake_delay_s` of a node adds to it.',
    }),
    fail: Type.Record(Type.String(), Type.Union([Type.Boolean(), Type.String()]), {
      default: {},
      allowed: 'a table of true or a message, such as { "deploy.write_image" = "boom" }',
      description:
        'Calls that fail for every fake machine, by interface, call or step. `driver_info.fake_fail` of a node adds to it.',
    }),
  }),
  lab: section('Emulated machines to rehearse on.', {
    rack: choice(['none', 'auto', 'emulated', 'simulated'], {
      default: 'none',
      flag: '--lab',
      description:
        'The rack to rehearse on that starts along. `emulated`: QEMU machines with a switch, in a network namespace that holds Ingot as well. `simulated`: BMCs and ramdisks without machines behind them. `auto`: emulated where this host can, else simulated. `none`: no machine but those that are enrolled.',
    }),
    tour: flag({
      default: true,
      description:
        'Take that rack through its life once it runs: discover its machines, inspect, clean and offer them, deploy one.',
    }),
    machines: whole({ default: 3, minimum: 1, maximum: 64, description: 'Machines in that rack.' }),
    memory_mib: whole({
      default: 1280,
      minimum: 512,
      maximum: 65_536,
      description: 'MiB of memory of each emulated machine. The deploy ramdisk needs about 1,000.',
    }),
    image: choice(['debian', 'tiny', 'none'], {
      default: 'debian',
      description:
        'What the first machine of the rack is deployed with: a Debian cloud image or a tiny Linux, both built here from Debian packages. `none`: no machine is deployed.',
    }),
  }),
  baremetal: section('The Bare Metal API.', {
    default_conductor_group: text({
      default: '',
      pattern: '^[a-zA-Z0-9._-]{0,255}$',
      description: 'Conductor group of nodes enrolled without one.',
    }),
    default_resource_class: optionalText({
      pattern: '^.{1,80}$',
      description: 'Resource class of nodes enrolled without one.',
    }),
    allow_deleting_available_nodes: flag({
      default: true,
      description: 'May a node that is offered be deleted?',
    }),
    project_admin_can_manage_own_nodes: flag({
      default: true,
      description: "May a project's administrator enrol and delete nodes the project owns?",
    }),
    disallowed_enrollment_boot_modes: list({
      default: [],
      items: ['uefi', 'bios'],
      description: 'Boot modes that enrolment refuses.',
    }),
    disallowed_clean_steps: Type.Array(Type.String({ pattern: STEP }), {
      default: ['vendor.send_raw'],
      allowed: 'a list of steps, such as ["vendor.send_raw"]',
      description: 'Steps that requests for cleaning may not name.',
    }),
    disallowed_deploy_steps: Type.Array(Type.String({ pattern: STEP }), {
      default: ['vendor.send_raw'],
      allowed: 'a list of steps, such as ["vendor.send_raw"]',
      description: 'Steps that requests for deploying may not name.',
    }),
    disallowed_service_steps: Type.Array(Type.String({ pattern: STEP }), {
      default: ['vendor.send_raw'],
      allowed: 'a list of steps, such as ["vendor.send_raw"]',
      description: 'Steps that requests for servicing may not name.',
    }),
    driver_call_deadline_s: whole({
      default: 60,
      minimum: 1,
      maximum: 600,
      description: 'Seconds a call of a driver that a client waits for may take.',
    }),
    require_agent_tls: flag({
      default: true,
      description: 'Refuse ramdisk agents that can be called by plain HTTP only.',
    }),
  }),
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
