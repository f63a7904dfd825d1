import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { Client } from './client.ts';
import type { EmulatedGuest } from './emulated.ts';
import { type Guest, soon } from './wire.ts';

// What machines and virtual machines of the scenario ask at 169.254.169.254.

const IP = '169.254.169.254';
const META = '/openstack/latest/meta_data.json';
export const NOVA = { url: 'http://127.0.0.1:8775', secret: 'known to both' } as const;

/** Stands in for Nova's metadata service: judges a proxy as Nova's handler does, and says who asked. */
export function standInNova(): Promise<Server> {
  const server = createServer(({ headers, url }, response) => {
    const id = String(headers['x-instance-id']);
    const signature = createHmac('sha256', NOVA.secret).update(id).digest('hex');
    response.statusCode = signature === headers['x-instance-id-signature'] ? 200 : 403;
    response.end(`${url} of ${id} at ${String(headers['x-forwarded-for'])}`);
  });
  return new Promise((resolve) => server.listen(8775, '127.0.0.1', () => resolve(server)));
}

/** Asks; who closes his side at once, as a bare `nc` does, is not answered. */
const asking = (path: string, more: readonly string[] = []): string =>
  `(printf '${[`GET ${path} HTTP/1.0`, ...more, '', ''].join('\\r\\n')}'; sleep 1) | busybox nc -w 3 ${IP} 80; true`;
const nameIn = (text: string | null): string | null => /"name":\s*"([^"]*)"/.exec(text ?? '')?.[1] ?? null;

/** What a machine is told by one of its cards: its name. */
export async function machineAsks(guest: EmulatedGuest, nic: string, others: readonly string[] = []) {
  for (const other of others) await guest.shell.do(`route del -host ${IP} dev ${other}`);
  let name: string | null = null;
  await soon(async () => (name = nameIn(await guest.shell.do(asking(META)))) !== null, 30_000);
  const route = (await guest.shell.do(`route -n`)).includes(nic);
  return route ? name : `${name}, and no route by ${nic}`;
}

/** What a virtual machine's namespace is told. `forged`: lines of the tenant's own among the headers. */
export async function virtualAsks(guest: Guest, path: string, forged: readonly string[] = []): Promise<string | null> {
  let said = '';
  await soon(async () => {
    said = await guest.in('sh', '-c', asking(path, forged));
    return said.startsWith('HTTP');
  }, 30_000);
  return said.startsWith('HTTP') ? (said.split(/\r?\n\r?\n/)[1] ?? '').trim() : null;
}

/** Makes the port of a virtual machine one of Nova's. */
export const novaHas = (client: Client, port: string, instance: string): Promise<void> =>
  client.tell(`port set --device ${instance} --device-owner compute:nova ${port}`);
