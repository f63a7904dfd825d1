import { STATUS_CODES } from 'node:http';
import type { ErrorFacts } from './contract.ts';

/** Keystone's error body: `{ error: { code, title, message } }`. */
export function keystoneErrorBody(error: ErrorFacts): { error: { code: number; title: string; message: string } } {
  return {
    error: { code: error.status, title: STATUS_CODES[error.status] ?? 'Error', message: error.message },
  };
}
