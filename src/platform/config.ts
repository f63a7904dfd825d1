import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse, TomlError } from 'smol-toml';
import { type IngotError, messageOf } from '#kernel/errors';
import { defaultDataDir } from './data-dir.ts';
import { defaultRamdiskDir } from './ramdisk.ts';
import { errors } from './errors.ts';
import { nearest } from './nearest.ts';
import {
  allowedText,
  type Config,
  defaultOf,
  SETTINGS,
  type SettingRow,
  settingName,
  settingRows,
  settingVariables,
  wrapSecret,
} from './settings.ts';
import { keyLines } from './toml-lines.ts';

/** Where a value came from. */
export type Source =
  | { kind: 'default' }
  | { kind: 'file'; file: string; line: number }
  | { kind: 'environment'; name: string }
  | { kind: 'flag'; name: string };

export interface LoadedConfig {
  config: Config;
  /** By `settingName`. */
  sources: ReadonlyMap<string, Source>;
  /** The file that was read, null when there is none. */
  file: string | null;
}

export interface ConfigInput {
  /** Flags that were given, by setting name (`api.listen`); texts as typed. */
  flags?: Readonly<Record<string, string>>;
  /** `--config`: this file and no other. */
  file?: string;
  env?: Readonly<Record<string, string | undefined>>;
}

/** A value of the file, the environment or a flag that will not do: what it is called, and why not. */
interface Given {
  value: unknown;
  source: Source;
}

/**
 * Reads the configuration: defaults, then one file, then the environment, then flags; later ones win.
 * The file is `--config`, else `$INGOT_CONFIG`, else `ingot.toml` in a data directory that flag or
 * environment names, else `/etc/ingot/ingot.toml`, else `ingot.toml` in the default data directory.
 * Throws `ConfigInvalid` with one sentence for each thing that is wrong: file, line, key, what is allowed.
 */
export function loadConfig(input: ConfigInput = {}): LoadedConfig {
  const env = input.env ?? process.env;
  const rows = settingRows();
  const problems: string[] = [];
  const outside = new Map<string, Given>();
  for (const row of rows) {
    const name = settingName(row);
    const flag = input.flags?.[name];
    const variable = settingVariables(row).find((key) => env[key] !== undefined && env[key] !== '');
    if (flag !== undefined) {
      outside.set(name, { value: fromText(row, flag), source: { kind: 'flag', name: row.schema.flag ?? name } });
    } else if (variable !== undefined) {
      outside.set(name, { value: fromText(row, env[variable] ?? ''), source: { kind: 'environment', name: variable } });
    }
  }
  problems.push(...unknownVariables(env, rows));
  const dataDir = outside.get('data_dir')?.value;
  const file = findFile(input.file ?? env['INGOT_CONFIG'], typeof dataDir === 'string' ? dataDir : undefined);
  const inFile = file === null ? new Map<string, Given>() : readFile(file, rows, problems);

  const config: Record<string, Record<string, unknown>> = {};
  const sources = new Map<string, Source>();
  for (const row of rows) {
    const name = settingName(row);
    const given = outside.get(name) ?? inFile.get(name);
    if (given !== undefined && !validator(row)(given.value)) {
      problems.push(`${place(given.source)}${name} ${shown(row, given.value)}; allowed: ${allowedText(row.schema)}`);
    }
    sources.set(name, given?.source ?? { kind: 'default' });
    config[row.section] = {
      ...config[row.section],
      [row.key]: wrapSecret(row.schema, given === undefined ? defaultOf(row.schema) : given.value),
    };
  }
  if (problems.length > 0) throw errors.ConfigInvalid(problems.join('\n'));
  const done = config as unknown as Config;
  done.general.data_dir = resolve(done.general.data_dir === '' ? defaultDataDir(env) : done.general.data_dir);
  done.boot.ramdisk_dir = resolve(done.boot.ramdisk_dir === '' ? defaultRamdiskDir(env) : done.boot.ramdisk_dir);
  return { config: done, sources, file };
}

/** The source in words: `flag --listen`, `/etc/ingot/ingot.toml:3`. */
export function sourceText(source: Source): string {
  switch (source.kind) {
    case 'default':
      return 'default';
    case 'file':
      return `${source.file}:${source.line}`;
    case 'environment':
      return `environment ${source.name}`;
    case 'flag':
      return `flag ${source.name}`;
  }
}

function place(source: Source): string {
  return source.kind === 'default' ? '' : `${sourceText(source)}: `;
}

function shown(row: SettingRow, value: unknown): string {
  return row.schema.secret === true ? 'is not right' : `is ${JSON.stringify(value)}`;
}

function findFile(named: string | undefined, dataDir: string | undefined): string | null {
  if (named !== undefined && named !== '') return resolve(named);
  const places = [
    ...(dataDir === undefined || dataDir === '' ? [] : [join(dataDir, 'ingot.toml')]),
    '/etc/ingot/ingot.toml',
    join(defaultDataDir(process.env), 'ingot.toml'),
  ];
  return places.map((path) => resolve(path)).find(isThere) ?? null;
}

/** A file that is there but may not be read is still the one that is meant: reading it says so. */
function isThere(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' && path === '/etc/ingot/ingot.toml';
  }
}

function readFile(file: string, rows: readonly SettingRow[], problems: string[]): Map<string, Given> {
  let toml: string;
  try {
    toml = readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
  let values: Record<string, unknown>;
  try {
    values = parse(toml);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const sentence = error.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') ?? '';
    throw errors.ConfigInvalid(`${file}:${error.line}: this is not TOML: ${sentence}`);
  }
  const lines = keyLines(toml);
  const given = new Map<string, Given>();
  const take = (section: string, path: string, key: string, value: unknown) => {
    const line = lines.get(path) ?? 1;
    const row = rows.find((one) => one.section === section && one.key === key);
    if (row !== undefined) {
      given.set(settingName(row), { value, source: { kind: 'file', file, line } });
      return;
    }
    const known = rows.filter((one) => one.section === section).map((one) => one.key);
    if (section === 'general') known.push(...Object.keys(SETTINGS).filter((name) => name !== 'general'));
    const near = nearest(key, known);
    const meant = near === undefined || section === 'general' ? near : `${section}.${near}`;
    problems.push(
      `${file}:${line}: there is no setting ${path}${meant === undefined ? `; known here: ${known.join(', ')}` : `; did you mean ${meant}?`}`,
    );
  };
  for (const [name, value] of Object.entries(values)) {
    const isSection = Object.hasOwn(SETTINGS, name) && name !== 'general';
    if (!isSection) take('general', name, name, value);
    else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value)) take(name, `${name}.${key}`, key, inner);
    } else problems.push(`${file}:${lines.get(name) ?? 1}: ${name} is a section: write [${name}], its settings below`);
  }
  return given;
}

function unreadable(file: string, error: unknown): IngotError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return errors.ConfigInvalid(`${file}: there is no such file`);
  if (code === 'EACCES') return errors.ConfigInvalid(`${file}: may not be read by this user; change its owner or mode`);
  return errors.ConfigInvalid(`${file}: cannot be read: ${messageOf(error)}`);
}

/** Variables that look like settings and are none: a typing error must not be silent. */
function unknownVariables(env: Readonly<Record<string, string | undefined>>, rows: readonly SettingRow[]): string[] {
  const known = new Set([...rows.flatMap(settingVariables), ...OWN_VARIABLES]);
  const names = Object.keys(SETTINGS).filter((name) => name !== 'general');
  return Object.keys(env)
    .filter((key) => !known.has(key) && names.some((name) => key.startsWith(`INGOT_${name.toUpperCase()}_`)))
    .map((key) => {
      const meant = nearest(key, known);
      return `environment ${key}: there is no such setting${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    });
}

/** Variables with our prefix that are no settings. */
const OWN_VARIABLES = ['INGOT_CONFIG', 'INGOT_WRAPPER_FD', 'INGOT_STOP_WITH', 'INGOT_DEBUG'];

/** Flags and variables are texts: reads what the setting's type says, or leaves the text for the validator to refuse. */
function fromText(row: SettingRow, text: string): unknown {
  const type = row.schema.type;
  if (type === 'boolean')
    return { true: true, yes: true, '1': true, false: false, no: false, '0': false }[text.toLowerCase()] ?? text;
  if (type === 'integer') return /^-?\d+$/.test(text) ? Number(text) : text;
  if (type === 'array') {
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }
  return text;
}

const ajv = new Ajv({ allErrors: false, strict: true, allowUnionTypes: true });
ajv.addVocabulary(['allowed', 'flag', 'env', 'secret']);
const validators = new Map<string, ValidateFunction>();

function validator(row: SettingRow): ValidateFunction {
  const name = settingName(row);
  const made = validators.get(name) ?? ajv.compile(row.schema);
  validators.set(name, made);
  return made;
}
