import { STATUS_CODES } from 'node:http';
import type { ErrorFacts } from '#http/contract';

/** Glance's error body: `{ message, code: "404 Not Found", title }`. */
export function glanceErrorBody({ status, message }: ErrorFacts): { message: string; code: string; title: string } {
  const title = STATUS_CODES[status] ?? 'Error';
  return { message, code: `${status} ${title}`, title };
}
