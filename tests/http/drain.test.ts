import { createServer as createTcp } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ApiServer } from '#http/server';
import { systemClock } from '#kernel/clock';
import { start } from '#kernel/run';
import { RawClient } from './raw-client.ts';
import { sampleDoor, sampleServer } from './sample.ts';

let server: ApiServer | undefined;
afterEach(async () => {
  await server?.close(0);
});

const HEAD = 'Host: x\r\nX-Auth-Token: admin\r\n';

/** A server whose `slow` answers when told to. */
async function held() {
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const made = await sampleServer({
    doors: [
      { ...sampleDoor, handlers: { ...sampleDoor.handlers, slow: () => gate.then(() => ({ body: { done: true } })) } },
    ],
  });
  server = made;
  const { port } = await made.listen({ host: '127.0.0.1', port: 0 });
  return { server: made, port, release };
}

describe('close', () => {
  it('finishes what is in flight, closes idle connections, takes no new ones', async () => {
    const { server, port, release } = await held();
    const idle = new RawClient(port).send(`GET /v1/things HTTP/1.1\r\n${HEAD}\r\n`);
    await idle.until(({ statuses }) => statuses.length === 1);
    const busy = new RawClient(port).send(`GET /v1/slow HTTP/1.1\r\n${HEAD}\r\n`);
    await busy.until(() => server.inFlight === 1);
    const closing = server.close(5000);
    await idle.end(1000);
    await new RawClient(port).until((client) => client.closed || client.socket.errored !== null, 1000);
    release();
    await busy.end(2000);
    expect(busy.text).toContain('{"done":true}');
    expect(busy.text).toContain('Connection: close');
    expect(await closing).toBe(0);
    expect(await server.close()).toBe(0);
  });

  it('cuts what takes longer than its deadline', async () => {
    const { server, port } = await held();
    const busy = new RawClient(port).send(`GET /v1/slow HTTP/1.1\r\n${HEAD}\r\n`);
    await busy.until(() => server.inFlight === 1);
    const started = systemClock.monotonic();
    expect(await server.close(200)).toBe(1);
    expect(systemClock.monotonic() - started).toBeLessThan(1500);
    await busy.end(1000);
  });

  it('does not wait for a client that does not read', async () => {
    const { server, port } = await held();
    const deaf = new RawClient(port);
    deaf.socket.pause();
    deaf.send(`GET /v1/things HTTP/1.1\r\n${HEAD}\r\n`);
    const half = new RawClient(port).send('GET /v1/th');
    await half.until((client) => !client.socket.connecting);
    const started = systemClock.monotonic();
    await server.close(2000);
    expect(systemClock.monotonic() - started).toBeLessThan(1500);
    deaf.destroy();
    half.destroy();
  });
});

describe('listen', () => {
  it('says when the port is taken', async () => {
    const tcp = createTcp();
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const { port } = tcp.address() as { port: number };
    server = await sampleServer();
    await expect(server.listen({ host: '127.0.0.1', port })).rejects.toThrow('EADDRINUSE');
    await new Promise((resolve) => tcp.close(resolve));
  });

  it('takes a socket somebody else opened', async () => {
    const tcp = createTcp();
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const { port } = tcp.address() as { port: number };
    const { fd } = (tcp as unknown as { _handle: { fd: number } })._handle;
    const child = start(process.execPath, [new URL('./fd-child.ts', import.meta.url).pathname], {
      cwd: process.cwd(),
      stdio: ['ignore', 'pipe', 'inherit', fd],
    });
    try {
      await new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
      await new Promise((resolve) => tcp.close(resolve));
      const client = new RawClient(port).send(`GET /v1/things/x HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`);
      await client.end();
      expect(client.text).toContain('{"ident":"x"}');
    } finally {
      child.kill('SIGKILL');
    }
  });
});
