import { choice, HOST_PORT, list, optionalText, section, text } from './fields.ts';

const ROLES = ['all', 'api', 'conductor', 'boot'] as const;
export type Role = (typeof ROLES)[number];

export const generalSettings = section('Where this process keeps its things and what it does.', {
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
  status_listen: optionalText({
    pattern: HOST_PORT,
    flag: '--status-listen',
    allowed: 'HOST:PORT, such as 127.0.0.1:6387',
    description:
      'Address and port of `/healthcheck` and `/metrics` alone, for whoever reaches it: for conductors without an API, and for probes that may not reach the API. None: only the API has them.',
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
});
