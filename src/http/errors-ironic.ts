import { STATUS_CODES } from 'node:http';
import type { ErrorFacts } from './contract.ts';

/**
 * Ironic's error body: JSON inside a JSON string. Errors of the API carry `faultcode` and `faultstring`,
 * those of the router (unknown URL, method, version) `code`, `title` and `description`.
 */
export function ironicErrorBody(error: ErrorFacts, fromRouter: boolean): { error_message: string } {
  return {
    error_message: JSON.stringify(
      fromRouter
        ? { code: error.status, title: STATUS_CODES[error.status] ?? 'Error', description: error.message }
        : { debuginfo: null, faultcode: error.status >= 500 ? 'Server' : 'Client', faultstring: error.message },
    ),
  };
}
