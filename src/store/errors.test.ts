import { expect, test } from 'vitest';
import { breaksConnection, errors, isRetryable, pgCode, toStoreError } from './errors.ts';
import { isoTime } from './parsers.ts';

const driver = (fields: object, message = 'said') => Object.assign(new Error(message), fields);

test('what the driver throws gets a code, a status and a hint when to come back', () => {
  const cases: [Error, string, number, boolean][] = [
    [driver({ code: 'ECONNREFUSED', syscall: 'connect' }), 'DatabaseUnavailable', 503, true],
    [driver({ code: 'EAGAIN', syscall: 'connect' }), 'DatabaseUnavailable', 503, true],
    [driver({ code: 'ENOENT', syscall: 'connect' }), 'DatabaseUnavailable', 503, true],
    [driver({ code: 'EPIPE', syscall: 'write' }), 'DatabaseUnavailable', 503, true],
    [driver({}, 'Connection terminated unexpectedly'), 'DatabaseUnavailable', 503, true],
    [driver({}, 'Query read timeout'), 'DatabaseUnavailable', 503, true],
    [driver({ code: '57P01' }), 'DatabaseUnavailable', 503, true],
    [driver({ code: '57P03' }), 'DatabaseUnavailable', 503, true],
    [driver({ code: '08006' }), 'DatabaseUnavailable', 503, true],
    [driver({ code: '25P03' }), 'DatabaseUnavailable', 503, true],
    [driver({}, 'timeout exceeded when trying to connect'), 'DatabaseUnavailable', 503, true],
    [driver({ code: '53300' }), 'DatabaseBusy', 503, false],
    [driver({ code: '57014' }), 'DatabaseBusy', 503, false],
    [driver({ code: '40P01' }), 'DatabaseBusy', 503, false],
    [driver({ code: '53100' }), 'DatabaseFull', 503, false],
    [driver({ code: '25006' }), 'DatabaseReadOnly', 503, false],
    [driver({ code: '28P01' }), 'DatabaseRefused', 503, false],
    [driver({ code: '23505', constraint: 'nodes_name_key' }), 'Conflict', 409, false],
    [driver({ code: '23503', constraint: 'ports_node' }), 'StillReferenced', 409, false],
    [driver({ code: '22P02' }), 'BadValue', 400, false],
    [driver({ code: '42601' }), 'QueryFailed', 500, false],
  ];
  for (const [error, code, status, broken] of cases) {
    const mapped = toStoreError(error);
    expect(mapped).toMatchObject({ code, status });
    if (status === 503) expect(mapped).toHaveProperty('retryAfter', expect.any(Number));
    if (code === 'DatabaseUnavailable' && !error.message.startsWith('timeout'))
      expect(breaksConnection(error)).toBe(broken);
    expect(toStoreError(mapped)).toBe(mapped);
    expect(pgCode(mapped)).toBe(pgCode(error));
  }
  const file = driver({ code: 'ENOENT', syscall: 'open' });
  expect(toStoreError(file)).toBe(file);
  expect(isRetryable(driver({ code: '40001' }))).toBe(true);
  expect(isRetryable(errors.DatabaseBusy('x', { cause: driver({ code: '40P01' }) }))).toBe(true);
  expect(isRetryable(driver({ code: '23505' }))).toBe(false);
});

test('times', () => {
  expect(isoTime('2026-11-21 03:40:00+00')).toBe('2026-11-21T03:40:00+00:00');
  expect(isoTime('2026-11-21 03:40:00.123456')).toBe('2026-11-21T03:40:00.123456+00:00');
  expect(isoTime('infinity')).toBe('infinity');
  expect(isoTime('12026-11-21 03:40:00+00')).toBe('12026-11-21 03:40:00+00');
});
