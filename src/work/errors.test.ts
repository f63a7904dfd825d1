import { describe, expect, it } from 'vitest';
import { IngotError } from '#kernel/errors';
import { errors, fromRecord, isDatabaseAway, isTransient, toRecord } from './errors.ts';

describe('recorded errors', () => {
  it('keep what clients and code go by', () => {
    const error = new IngotError('BmcBusy', 503, 'busy', { retryAfter: 3, details: { slot: 1, gone: undefined } });
    const again = fromRecord(JSON.parse(JSON.stringify(toRecord(error))));
    expect(again).toMatchObject({ code: 'BmcBusy', status: 503, message: 'busy', retryAfter: 3, details: { slot: 1 } });
    expect(fromRecord(toRecord(new Error('plain')))).toMatchObject({ code: 'StepFailed', message: 'plain' });
    expect(fromRecord(toRecord('text'))).toMatchObject({ message: 'text' });
  });
});

describe('isTransient', () => {
  it('believes details, then retryAfter, then the status', () => {
    expect(isTransient(new IngotError('A', 503, ''))).toBe(true);
    expect(isTransient(new IngotError('A', 503, '', { details: { transient: false } }))).toBe(false);
    expect(isTransient(new IngotError('A', 400, '', { details: { transient: true } }))).toBe(true);
    expect(isTransient(new IngotError('A', 409, '', { retryAfter: 1 }))).toBe(true);
    expect(isTransient(new IngotError('A', 400, ''))).toBe(false);
    expect(isTransient(new Error('x'))).toBe(false);
  });
});

describe('isDatabaseAway', () => {
  it('knows the codes of the store', () => {
    expect(isDatabaseAway(new IngotError('DatabaseUnavailable', 503, ''))).toBe(true);
    expect(isDatabaseAway(new IngotError('Conflict', 409, ''))).toBe(false);
    expect(isDatabaseAway(errors.Aborted('x'))).toBe(false);
  });
});
