import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IngotError } from '#kernel/errors';
import { Secret } from '#kernel/secret';
import { createLog } from './log.ts';
import { prettyLine } from './pretty.ts';

function capture() {
  const lines: string[] = [];
  const log = createLog({ level: 'debug', write: (line) => void lines.push(line) });
  return { log, lines, last: () => JSON.parse(lines.at(-1) as string) as Record<string, unknown> };
}

describe('the log', () => {
  it('writes one JSON object a line with level, time and message', () => {
    const { log, last } = capture();
    log.child({ requestId: 'req-1' }).info({ node: 'n1' }, 'hello');
    expect(last()).toMatchObject({ level: 'info', message: 'hello', requestId: 'req-1', node: 'n1' });
    expect(last()['time']).toMatch(/^\d{4}-/);
  });

  it('shows no secret, by type or by name, at any depth, in children, errors and URLs', () => {
    const { log, lines } = capture();
    const secret = 'hunter2';
    log.child({ auth_token: secret, a: { 'X-Auth-Token': secret } }).info({}, 'x');
    log.info({ value: new Secret(secret), deep: [{ ipmi_password: secret, b: { apiKey: secret } }] }, 'x');
    log.info({ headers: { authorization: secret, Cookie: secret, 'x-subject-token': secret } }, 'x');
    log.info(
      { driver_info: { snmp_auth_key: secret, ipmi_hex_kg_key: secret, redfish_password: secret, passphrase: secret } },
      'x',
    );
    log.info({ credentials: { user: secret }, private_key: secret, url: `postgres://u:${secret}@h/db` }, 'x');
    const cause = Object.assign(new Error(`connect postgres://u:${secret}@h`), { password: secret });
    log.error({ err: new IngotError('X', 500, 'm', { cause, details: { token: secret } }) }, 'x');
    log.info({ map: new Map([['password', secret]]), set: new Set([new Secret(secret)]) }, 'x');
    expect(lines.join('')).not.toContain(secret);
    expect(lines.join('')).toContain('******');
  });

  it('tells an error with all its causes', () => {
    const { log, last } = capture();
    log.error({ err: new IngotError('Outer', 503, 'outer', { cause: new Error('inner') }) }, 'x');
    expect(last()['err']).toMatchObject({ code: 'Outer', status: 503, message: 'outer', cause: { message: 'inner' } });
  });

  it('survives whatever it is given', () => {
    const { log, lines } = capture();
    const circle: Record<string, unknown> = { big: 1n, fn: () => {}, symbol: Symbol('s'), nan: Number.NaN };
    circle['self'] = circle;
    log.info(circle, 'x');
    let deep: Record<string, unknown> = {};
    for (let i = 0; i < 10_000; i++) deep = { deep };
    log.info({ deep, many: Array.from({ length: 10_000 }, () => 'x'), long: 'y'.repeat(1e6) }, 'x');
    expect(lines.every((line) => line.length < 20_000)).toBe(true);
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything()), (fields) => {
        log.info(fields, 'x');
        JSON.parse(lines.at(-1) as string);
      }),
    );
  });

  it('can be read by people', () => {
    const line = prettyLine(
      '{"level":"warn","time":"2026-01-02T03:04:05.678Z","message":"hi","node":"n1","err":{"stack":"E: x"}}',
      false,
    );
    expect(line).toBe('03:04:05.678 WARN  hi  node=n1\n  E: x\n');
    expect(prettyLine('not json\n', false)).toBe('not json\n');
  });
});
