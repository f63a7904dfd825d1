import { errors } from '../errors.ts';

/** Options resources may have, as Keystone names them. */
const KNOWN: Record<'user' | 'project' | 'domain' | 'role', readonly string[]> = {
  user: [
    'ignore_change_password_upon_first_use',
    'ignore_password_expiry',
    'ignore_lockout_failure_attempts',
    'ignore_user_inactivity',
    'lock_password',
  ],
  project: ['immutable'],
  domain: ['immutable'],
  role: ['immutable'],
};

export type Options = Record<string, boolean>;

/** Reads stored options. */
export function optionsOf(text: string): Options {
  return JSON.parse(text) as Options;
}

/** Puts changes into options: null removes one. Throws `Invalid` for what is not known or not a boolean. */
export function changeOptions(kind: keyof typeof KNOWN, now: Options, changes: Record<string, unknown>): Options {
  const next: Options = { ...now };
  for (const [name, value] of Object.entries(changes)) {
    if (!KNOWN[kind].includes(name)) throw errors.Invalid(`The option "${name.slice(0, 64)}" is not offered.`);
    if (value === null) delete next[name];
    else if (typeof value === 'boolean') next[name] = value;
    else throw errors.Invalid(`The option "${name}" must be true, false or null.`);
  }
  return next;
}

/** Throws `Refused` when the resource is marked immutable and the change does not lift that first. */
export function assertMutable(what: string, id: string, options: Options, changes?: Options): void {
  if (options['immutable'] !== true) return;
  if (changes !== undefined && changes['immutable'] !== true) return;
  throw errors.Refused(`You are not authorized to change or delete ${what} ${id}: it is immutable.`);
}
