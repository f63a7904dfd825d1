import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** An answer of the Bare Metal API. */
export interface ApiAnswer {
  status: number;
  body: Record<string, unknown>;
}

const LIMIT_MS = 30_000;

/** One request of a ramdisk to the API, with the headers ironic-python-agent sends. Status 0: no answer. */
export function askApi(
  url: string,
  method: 'GET' | 'POST',
  version: string | null,
  body?: unknown,
): Promise<ApiAnswer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const none = () => resolve({ status: 0, body: {} });
    const request = send(
      url,
      {
        method,
        timeout: LIMIT_MS,
        headers: {
          'user-agent': 'python-requests/2.32.3',
          'accept-encoding': 'identity',
          accept: 'application/json',
          connection: 'keep-alive',
          ...(version === null ? {} : { 'x-openstack-ironic-api-version': version }),
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
        },
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', none);
        answer.on('end', () => {
          let read: unknown = {};
          try {
            read = JSON.parse(Buffer.concat(parts).toString('utf8'));
          } catch {
            // an empty answer, or none of ours
          }
          resolve({ status: answer.statusCode ?? 0, body: (read ?? {}) as Record<string, unknown> });
        });
      },
    );
    request.on('error', none);
    request.on('timeout', () => request.destroy());
    request.end(text);
  });
}
