import { createServer as createBare } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { Type } from 'typebox';
import type { Door } from '#http/contract';
import { ironicErrorBody } from '#http/errors-ironic';
import { createServer } from '#http/server';
import { createLog } from '#platform/log';
import { createMetrics } from '#platform/metrics';

/** One server in a thread of its own: the bare one of Node, or ours with a door of two routes. */
const NODE = JSON.stringify({ uuid: '1be26c0b-03f2-4d2e-ae87-c02d7f33c123', extra: { text: 'x'.repeat(1400) } });

async function ours(): Promise<number> {
  const query = Type.Object({ fields: Type.Optional(Type.Array(Type.String())) });
  const body = Type.Object({ name: Type.String(), extra: Type.Optional(Type.Record(Type.String(), Type.Any())) });
  const door: Door = {
    name: 'bench',
    prefix: '',
    routes: [
      { id: 'get', method: 'GET', path: '/v1/nodes/:ident', since: 1, policy: 'get', summary: '', success: 200, query },
      { id: 'post', method: 'POST', path: '/v1/nodes', since: 1, policy: 'create', summary: '', success: 201, body },
    ],
    handlers: { get: async () => ({ json: NODE }), post: async () => ({ json: NODE }) },
    versions: { min: 1, max: 115, fallback: 1, requestIdSince: 107 },
    errorBody: ironicErrorBody,
  };
  const caller = {
    userId: 'u',
    userName: 'n',
    projectId: 'p',
    domainId: null,
    system: true,
    roles: new Set(['admin']),
    auditId: null,
  };
  const server = await createServer({
    doors: [door],
    authoriser: { authenticate: () => caller, allows: () => true },
    log: createLog({ level: 'info', write: () => {} }),
    metrics: createMetrics(),
  });
  return (await server.listen({ host: '127.0.0.1', port: 0 })).port;
}

async function bare(): Promise<number> {
  const server = createBare((request, response) => {
    const parts: Buffer[] = [];
    const reply = () => {
      if (parts.length > 0) JSON.parse(Buffer.concat(parts).toString('utf8'));
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': NODE.length });
      response.end(NODE);
    };
    if (request.method === 'GET') reply();
    else request.on('data', (part) => parts.push(part)).on('end', reply);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const port = workerData === 'ours' ? await ours() : await bare();
parentPort?.on('message', () => parentPort?.postMessage({ cpu: process.threadCpuUsage() }));
parentPort?.postMessage({ port });
