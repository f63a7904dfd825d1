import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import { askJson } from './request.ts';

test('what is asked now and then comes on a connection of its own each time', async () => {
  const from = new Set<number | undefined>();
  const server = createServer((request, response) => {
    from.add(request.socket.remotePort);
    response.end('{"said": true}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  for (let i = 0; i < 3; i++) {
    const asked = {
      method: 'POST',
      url,
      json: { i },
      trust: { insecure: false },
      totalMs: 5_000,
      clock: systemClock,
    } as const;
    expect((await askJson(asked)).body).toEqual({ said: true });
  }
  expect(from.size).toBe(3);
  await new Promise((resolve) => server.close(resolve));
});
