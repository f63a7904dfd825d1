import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '#kernel/secret';
import { loadConfig, sourceText } from './config.ts';
import { editDistance, nearest } from './nearest.ts';
import { allowedText, SETTINGS, settingName, settingRows, settingVariables } from './settings.ts';
import { keyLines } from './toml-lines.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ingot-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
function write(toml: string): string {
  const file = join(folder, `ingot-${count++}.toml`);
  writeFileSync(file, toml);
  return file;
}

/** The sentences with which loading fails. */
function problems(toml: string, env: Record<string, string> = {}, flags: Record<string, string> = {}): string[] {
  try {
    loadConfig({ file: write(toml), env, flags });
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace(/^\S*ingot-\d+\.toml/, 'FILE'));
  }
  return [];
}

describe('order', () => {
  test('flag over environment over file over default, each with its source', () => {
    const file = write('log_level = "warn"\n\n[api]\nmax_limit = 5\nlisten = "127.0.0.1:1"\n');
    const env = { INGOT_API_LISTEN: '127.0.0.1:2', INGOT_CONDUCTOR_GROUP: 'rack-1' };
    const { config, sources } = loadConfig({ file, env, flags: { 'conductor.group': 'rack-2' } });
    const from = (name: string) => sourceText(sources.get(name) ?? { kind: 'default' });
    expect([config.general.log_level, from('log_level')]).toEqual(['warn', `${file}:1`]);
    expect([config.api.max_limit, from('api.max_limit')]).toEqual([5, `${file}:4`]);
    expect([config.api.listen, from('api.listen')]).toEqual(['127.0.0.1:2', 'environment INGOT_API_LISTEN']);
    expect([config.conductor.group, from('conductor.group')]).toEqual(['rack-2', 'flag --conductor-group']);
    expect([config.auth.allow_none_anywhere, from('auth.allow_none_anywhere')]).toEqual([false, 'default']);
  });

  test('a file in the data directory that is named is read', () => {
    writeFileSync(join(folder, 'ingot.toml'), '[api]\nmax_limit = 7\n');
    const { config, file } = loadConfig({ env: {}, flags: { data_dir: folder } });
    expect([config.api.max_limit, config.general.data_dir, file]).toEqual([7, folder, join(folder, 'ingot.toml')]);
  });

  test('texts become what the setting is', () => {
    const env = { INGOT_ROLES: 'api, conductor', INGOT_API_MAX_LIMIT: '12', INGOT_CONDUCTOR_AUTOMATED_CLEAN: 'no' };
    const { config } = loadConfig({ file: write(''), env });
    expect(config.general.roles).toEqual(['api', 'conductor']);
    expect(config.api.max_limit).toBe(12);
    expect(config.conductor.automated_clean).toBe(false);
  });

  test('a default is fresh each time', () => {
    loadConfig({ file: write(''), env: {} }).config.general.roles.push('api');
    expect(loadConfig({ file: write(''), env: {} }).config.general.roles).toEqual(['all']);
  });
});

describe('secrets', () => {
  const url = 'postgresql://ingot:hunter2@db.example.org/ingot';

  test('are Secrets from wherever they come', () => {
    const { config } = loadConfig({ file: write(''), env: { DATABASE_URL: url } });
    expect(config.database.url).toBeInstanceOf(Secret);
    expect(config.database.url?.reveal()).toBe(url);
    expect(JSON.stringify(config)).not.toContain('hunter2');
  });

  test('are not quoted when they are wrong', () => {
    expect(problems('[auth]\nadmin_password = [ "hunter2" ]\n')).toEqual([
      'FILE:2: auth.admin_password is not right; allowed: a text',
    ]);
  });
});

describe('mistakes', () => {
  test.each([
    [
      '[api]\nlisten = "6385"\n',
      'FILE:2: api.listen is "6385"; allowed: HOST:PORT, such as 127.0.0.1:6385, 0.0.0.0:6385 or [::]:6385',
    ],
    [
      '[api]\nlisten = "127.0.0.1:65536"\n',
      'FILE:2: api.listen is "127.0.0.1:65536"; allowed: HOST:PORT, such as 127.0.0.1:6385, 0.0.0.0:6385 or [::]:6385',
    ],
    ['[api]\n\nmax_limit = 0\n', 'FILE:3: api.max_limit is 0; allowed: a whole number from 1 to 10000'],
    ['roles = ["apj"]\n', 'FILE:1: roles is ["apj"]; allowed: a list of "all", "api", "conductor", "boot"'],
    [
      'log_level = "loud"\n',
      'FILE:1: log_level is "loud"; allowed: one of "trace", "debug", "info", "warn", "error", "silent"',
    ],
    ['[conductor]\nautomated_clean = "yes"\n', 'FILE:2: conductor.automated_clean is "yes"; allowed: true or false'],
    ['\n[api]\nlisten_on = "x"\n', 'FILE:3: there is no setting api.listen_on; did you mean api.listen?'],
    ['log_levle = "info"\n', 'FILE:1: there is no setting log_levle; did you mean log_level?'],
    ['[databse]\nurl = "x"\n', 'FILE:1: there is no setting databse; did you mean database?'],
    [
      '[general]\nlog_level = "info"\n',
      `FILE:1: there is no setting general; known here: ${[...Object.keys(SETTINGS.general.properties), ...Object.keys(SETTINGS).slice(1)].join(', ')}`,
    ],
    ['api = 3\n', 'FILE:1: api is a section: write [api], its settings below'],
  ])('%j', (toml, sentence) => {
    expect(problems(toml)).toEqual([sentence]);
  });

  test('all of them are told at once', () => {
    expect(problems('[api]\nmax_limit = "a"\n[auth]\nstrategy = "x"\n', { INGOT_API_LISTNE: 'x' })).toHaveLength(3);
  });

  test('broken TOML gives the line', () => {
    expect(problems('[api]\nlisten = "a\n')[0]).toMatch(/^FILE:2: this is not TOML: /);
  });

  test('a file that is not there', () => {
    expect(() => loadConfig({ file: '/nonexistent/ingot.toml', env: {} })).toThrow(
      '/nonexistent/ingot.toml: there is no such file',
    );
  });

  test('a flag and a variable name themselves', () => {
    expect(problems('', {}, { 'auth.strategy': 'x' })[0]).toMatch(/^flag --auth: auth\.strategy is "x"/);
    expect(problems('', { INGOT_AUTH_STRATEGY: 'x' })[0]).toMatch(/^environment INGOT_AUTH_STRATEGY: auth\.strategy/);
  });

  test('any TOML gives settings or sentences, never a crash', () => {
    const key = fc.constantFrom('api', 'listen', 'roles', 'database', 'url', '__proto__', 'constructor', 'x');
    const value = fc.constantFrom('1', '"a"', '[1]', '{ a = 1 }', 'true', '1979-05-27', 'nan', '"""\nlisten = 1\n"""');
    fc.assert(
      fc.property(fc.array(fc.tuple(key, key, value), { maxLength: 4 }), (lines) => {
        const toml = lines.map(([section, name, text], i) => `[${section}${i}]\n${name} = ${text}`).join('\n');
        expect(problems(toml).every((line) => line.startsWith('FILE'))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the table', () => {
  test('each setting has a sentence, a default that is allowed, and words for what is allowed', () => {
    for (const row of settingRows()) {
      expect(row.schema.description, settingName(row)).toMatch(/^.{10,}[.?`]$/s);
      expect(allowedText(row.schema), settingName(row)).not.toContain('undefined');
    }
    expect(() => loadConfig({ file: write(''), env: {} })).not.toThrow();
  });

  test('any of them can be given: what it says of itself is a schema', () => {
    for (const row of settingRows()) {
      const given = { [settingVariables(row)[0] as string]: 'x:y' };
      expect(problems('', given).join(), settingName(row)).not.toContain('strict mode');
    }
    const { config } = loadConfig({ file: write('[api]\npublic_url = "https://cloud.example.org"\n'), env: {} });
    expect(config.api.public_url).toBe('https://cloud.example.org');
  });

  test('no variable sets two settings', () => {
    const names = settingRows().flatMap(settingVariables);
    expect(new Set(names).size).toBe(names.length);
  });
});

test('lines of keys', () => {
  const toml = [
    'top = 1',
    '[a]',
    'b = """',
    'c = 1',
    '"""',
    'list = [',
    '  "d = 2", # e = 3',
    ']',
    '"quoted" = 1',
    '[ x . y ]',
    "z = '[q]'",
    'dotted.key = 1',
  ].join('\n');
  expect(Object.fromEntries(keyLines(toml))).toEqual({
    top: 1,
    a: 2,
    'a.b': 3,
    'a.list': 6,
    'a.quoted': 9,
    'x.y': 10,
    'x.y.z': 11,
    x: 10,
    'x.y.dotted': 12,
    'x.y.dotted.key': 12,
  });
});

test('the nearest name', () => {
  expect(nearest('listne', ['listen', 'limit'])).toBe('listen');
  expect(nearest('zzzzzz', ['listen', 'limit'])).toBeUndefined();
  expect(editDistance('ab', 'ba')).toBe(1);
  fc.assert(
    fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
    }),
  );
});
