import { defineErrors, IngotError, messageOf } from '#kernel/errors';
import type { Json } from './contract.ts';

/** The room's table of errors. */
export const errors = defineErrors({
  Aborted: [409, (reason: string) => `The operation was aborted: ${reason}`],
  StepTimeout: [504, (step: string, ms: number) => `Step "${step}" did not finish within ${seconds(ms)}`],
  LeaseLost: [503, (why: string) => `This conductor may not act any more: ${why}`],
  Parked: [500, (why: string) => why],
  WorkNotRegistered: [500, (name: string) => `No workflow is called ${name}`],
  WorkRegisteredTwice: [500, (name: string) => `The workflow ${name} is registered twice`],
  WorkTooLarge: [
    413,
    (what: string, bytes: number, max: number) => `${what} is ${bytes} bytes; at most ${max} are kept`,
  ],
  WorkNotStarted: [503, () => 'The workflow engine is not running'],
  EngineChanged: [
    500,
    (found: string, wanted: string) => `The workflow engine is ${found}; this program needs ${wanted}`,
  ],
});

function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`;
}

/** An error as a step's record keeps it. */
export interface RecordedError {
  code: string;
  status: number;
  message: string;
  retryAfter?: number;
  details?: { [key: string]: Json | undefined };
}

/** What of `error` outlives the process. Stack and cause stay behind: they are for the log. */
export function toRecord(error: unknown): RecordedError {
  if (!(error instanceof IngotError)) return { code: 'StepFailed', status: 500, message: messageOf(error) };
  const record: RecordedError = { code: error.code, status: error.status, message: error.message };
  if (error.retryAfter !== undefined) record.retryAfter = error.retryAfter;
  if (error.details !== undefined) record.details = JSON.parse(JSON.stringify(error.details));
  return record;
}

/** The error again. `cause` is the original where this process still has it. */
export function fromRecord(record: RecordedError, cause?: unknown): IngotError {
  return new IngotError(record.code, record.status, record.message, {
    ...(record.retryAfter === undefined ? {} : { retryAfter: record.retryAfter }),
    ...(record.details === undefined ? {} : { details: record.details }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Codes of the store that mean: nobody can write now, the operation itself did nothing wrong. */
const AWAY = new Set(['DatabaseUnavailable', 'DatabaseFull', 'DatabaseReadOnly', 'DatabaseRefused', 'StoreClosed']);

/** True when `error` says that the database is away, and not that the operation failed. */
export function isDatabaseAway(error: unknown): boolean {
  return error instanceof IngotError && AWAY.has(error.code);
}

/** True when the database is there, but had no time for this. */
export function isDatabaseBusy(error: unknown): boolean {
  return error instanceof IngotError && error.code === 'DatabaseBusy';
}

/**
 * True when trying again may help: the error carries `retryAfter` or `details.transient`, or its status is one
 * of 429, 503, 504. Drivers mark what they throw that way.
 */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof IngotError)) return false;
  if (error.details?.['transient'] !== undefined) return error.details['transient'] === true;
  return error.retryAfter !== undefined || error.status === 429 || error.status === 503 || error.status === 504;
}
