import { type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { run } from '../../src/kernel/run.ts';
import type { LabMachine } from '../../src/lab/lab-machine.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into arbitrary JSON
  json: any;
}

export interface AskOptions {
  body?: unknown;
  headers?: Record<string, string>;
  /** False: no credentials. */
  auth?: boolean;
  timeoutMs?: number;
}

/** One request to a machine's Redfish service, by basic authentication unless told otherwise. */
export function ask(machine: LabMachine, method: string, path: string, options: AskOptions = {}): Promise<Answer> {
  const { name, password } = machine.credentials;
  const bytes = options.body === undefined ? undefined : JSON.stringify(options.body);
  const headers = {
    ...(options.auth === false
      ? {}
      : { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` }),
    ...(bytes === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(bytes)) }),
    connection: 'close',
    ...options.headers,
  };
  const send = machine.redfish.url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = send(
      machine.redfish.url + path,
      {
        method,
        headers,
        rejectUnauthorized: false,
        agent: false,
        signal: AbortSignal.timeout(options.timeoutMs ?? 20_000),
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('aborted', () => reject(new Error('aborted')));
        response.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          let json: unknown;
          try {
            json = JSON.parse(text);
          } catch {
            // not JSON
          }
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(bytes);
  });
}

export const SYSTEM = '/redfish/v1/Systems/1';

export const reset = (machine: LabMachine, type: string) =>
  ask(machine, 'POST', `${SYSTEM}/Actions/ComputerSystem.Reset`, { body: { ResetType: type } });

/** Debian's ipmitool against a machine's BMC. */
export async function ipmitool(
  machine: LabMachine,
  args: readonly string[],
  options: { cipher?: string; extra?: readonly string[]; timeoutMs?: number } = {},
) {
  const { name, password } = machine.credentials;
  const login = ['-H', machine.bmc.network.address, '-p', String(machine.ipmi.port), '-U', name, '-P', password];
  const cipher = options.cipher === undefined ? ['-C', '17'] : options.cipher === '' ? [] : ['-C', options.cipher];
  return run('ipmitool', ['-I', 'lanplus', ...cipher, ...login, ...(options.extra ?? []), ...args], {
    timeoutMs: options.timeoutMs ?? 30_000,
    okCodes: [0, 1],
  });
}

/** Waits until `test` holds. */
export async function until(test: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await test())) {
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${test}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
