import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadReport } from './load-client.ts';

/** Does what is ordered with the client of `load-client.ts`. Throws when a reply was no 2xx. */
export async function load(order: LoadOrder): Promise<LoadReport> {
  const client = fork(fileURLToPath(new URL('./load-client.ts', import.meta.url)));
  client.send(order);
  const gone = once(client, 'exit').then(() => [undefined]);
  const [report] = (await Promise.race([once(client, 'message'), gone])) as [LoadReport | undefined];
  if (report === undefined) throw new Error('the client of the bench broke');
  client.disconnect();
  if (report.refused > 0) throw new Error(`${report.refused} refused: ${report.first}`);
  return report;
}

/** A request as it goes over the wire. */
export function wire(method: string, port: number, path: string, body?: string): string {
  const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-OpenStack-Ironic-API-Version: 1.110\r\n`;
  if (body === undefined) return `${head}Accept: application/json\r\n\r\n`;
  return `${head}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
