import { readFileSync } from 'node:fs';
import { UsageError } from './context.ts';
import type { CommandSpec, Opt } from './spec.ts';

/** `--driver-info <key=value>` → `driverInfo`, as commander calls it; `--no-retired` → `retired`. */
export function optionName({ flags }: Opt): string {
  const [, long = ''] = /--([\w-]+)/.exec(flags) ?? [];
  return long.replace(/^no-/, '').replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The value an option gives, undefined when it was not given. */
export function optionValue(option: Opt, options: Readonly<Record<string, unknown>>): unknown {
  const raw = options[optionName(option)];
  if (option.kind === 'flag') {
    const given = option.flags.startsWith('--no-') ? raw === false : raw === true;
    return given ? (option.value ?? true) : undefined;
  }
  if (raw === undefined) return undefined;
  const said = option.flags.split(' ', 1)[0] ?? '';
  switch (option.kind) {
    case 'int': {
      if (!/^-?\d{1,15}$/.test(String(raw)))
        throw new UsageError(`${said} takes a whole number, not "${String(raw)}".`);
      return Number(raw);
    }
    case 'bool':
      return asBoolean(said, raw);
    case 'map':
      return asMap(said, raw as string[]);
    case 'json':
      return asJson(said, String(raw), option.to === 'configdrive');
    case 'words':
      return (raw as string[]).flatMap((word) => word.split(',')).filter((word) => word !== '');
    default:
      return raw === '-' && option.to === 'rescue_password' ? readText('-').trimEnd() : raw;
  }
}

/** The fields that the options of a command give. `*`: a map whose keys are fields themselves. */
export function fieldsOf(spec: CommandSpec, options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const option of spec.options ?? []) {
    const value = optionValue(option, options);
    if (value === undefined || option.to === '') continue;
    if (option.to === '*') Object.assign(fields, value);
    else fields[option.to] = value;
  }
  return fields;
}

function asBoolean(said: string, raw: unknown): boolean {
  if (raw === true) return true;
  const word = String(raw).toLowerCase();
  if (['true', 'yes', 'on', '1', 't', 'y'].includes(word)) return true;
  if (['false', 'no', 'off', '0', 'f', 'n'].includes(word)) return false;
  throw new UsageError(`${said} takes true or false, not "${String(raw)}".`);
}

/** `key=value` each; a value that is JSON is taken as such, as `openstack baremetal` does. */
function asMap(said: string, raw: readonly string[]): Record<string, unknown> {
  // No prototype: a key may be called anything.
  const map: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const text of raw) {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`${said} takes key=value, not "${text}".`);
    const value = text.slice(at + 1);
    map[text.slice(0, at)] = parsed(value) ?? value;
  }
  return map;
}

/** JSON itself, a file that holds it, or `-`. `loose`: what is neither is given on as it is. */
function asJson(said: string, raw: string, loose: boolean): unknown {
  const own = /^\s*[[{]/.test(raw) ? parsed(raw) : undefined;
  if (own !== undefined) return own;
  let text: string;
  try {
    text = readText(raw);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') {
      throw new UsageError(`${said}: ${raw} is a folder; pack it into an image, or give its parts as JSON.`);
    }
    if (loose) return raw;
    throw new UsageError(`${said} takes JSON, the name of a file with it, or -; "${shortened(raw)}" is none of these.`);
  }
  const value = parsed(text);
  if (value === undefined && !loose) throw new UsageError(`${said}: there is no JSON in ${raw}.`);
  return value ?? text.trim();
}

/** A file, or `-` for standard input. */
export function readText(name: string): string {
  return readFileSync(name === '-' ? 0 : name, 'utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
