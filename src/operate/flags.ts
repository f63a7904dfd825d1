import { type Command, Option } from 'commander';

/** A flag that sets a setting. Listed here too, since the settings' table costs 130 ms to load; a test compares. */
interface ConfigFlag {
  flag: string;
  value?: string;
  /** The setting: `api.listen`. */
  setting: string;
  says: string;
}

const FLAGS: readonly ConfigFlag[] = [
  { flag: '--data-dir', value: 'D', setting: 'data_dir', says: 'folder of the database and the keys' },
  {
    flag: '--database-url',
    value: 'U',
    setting: 'database.url',
    says: 'an external PostgreSQL instead of the own one',
  },
  { flag: '--listen', value: 'HOST:PORT', setting: 'api.listen', says: 'address of the API (127.0.0.1:6385)' },
  {
    flag: '--ramdisk-listen',
    value: 'HOST:PORT',
    setting: 'api.ramdisk_listen',
    says: 'address for ramdisks, on the provisioning network',
  },
  {
    flag: '--events-listen',
    value: 'HOST:PORT',
    setting: 'conductor.events_listen',
    says: 'address for events of BMCs, on their network',
  },
  {
    flag: '--image-listen',
    value: 'HOST:PORT',
    setting: 'image.listen',
    says: 'address of images for machines, at a conductor without the API',
  },
  {
    flag: '--status-listen',
    value: 'HOST:PORT',
    setting: 'status_listen',
    says: 'address of /healthcheck and /metrics alone',
  },
  { flag: '--auth', value: 'none|http_basic|keystone', setting: 'auth.strategy', says: 'who may use the API' },
  {
    flag: '--allow-none-anywhere',
    setting: 'auth.allow_none_anywhere',
    says: 'with --auth none: listen on addresses others reach, too',
  },
  { flag: '--role', value: 'all|api,conductor,boot', setting: 'roles', says: 'what this process does' },
  {
    flag: '--conductor-group',
    value: 'NAME',
    setting: 'conductor.group',
    says: 'group of nodes this conductor works on',
  },
  { flag: '--lab', value: 'none|auto|emulated|simulated', setting: 'lab.rack', says: 'rack to rehearse on' },
  { flag: '--log-level', value: 'LEVEL', setting: 'log_level', says: 'trace, debug, info, warn, error or silent' },
  { flag: '--log-format', value: 'auto|json|pretty', setting: 'log_format', says: 'how log lines look' },
];

/** The setting flags, for the test that compares them with the settings' table. */
export const FLAG_SETTINGS: ReadonlyMap<string, string> = new Map(FLAGS.map((one) => [one.flag, one.setting]));

/** What every operating command needs to find its place. */
export const PLACE_FLAGS = ['--data-dir', '--database-url'];

/** Adds `--config` and the named setting flags (default: all) to a command. */
export function addConfigFlags(command: Command, only?: readonly string[]): Command {
  command.addOption(new Option('--config <file>', 'read this file of settings and no other'));
  for (const one of FLAGS) {
    if (only !== undefined && !only.includes(one.flag)) continue;
    command.addOption(new Option(one.value === undefined ? one.flag : `${one.flag} <${one.value}>`, one.says));
  }
  return command;
}

/** The parsed options of such a command, as `loadConfig` takes them. */
export function configInput(options: Record<string, unknown>): { file?: string; flags: Record<string, string> } {
  const flags: Record<string, string> = {};
  for (const one of FLAGS) {
    const key = one.flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const value = options[key];
    if (value === true) flags[one.setting] = 'true';
    else if (typeof value === 'string') flags[one.setting] = value;
  }
  return { flags, ...(typeof options['config'] === 'string' ? { file: options['config'] } : {}) };
}
