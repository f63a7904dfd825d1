import { expect, test } from 'vitest';
import { inNamespace } from './programs/launch.ts';

test('a router goes on when the host of its gateway loses its power', { timeout: 240_000 }, async () => {
  expect(await inNamespace('failover.ts')).toEqual({
    'both hosts are known': true,
    lease: '10.0.0.11',
    'lease on the other host': 'yes',
    'through the tunnel': 'vm2',
    'outside, by the second host': '192.0.2.10',
    'the gateway is on': 'c2',
    'outside, after it lost its power': '192.0.2.10',
    'the gateway is on now': 'c1',
    'the dead host is known as such': true,
  });
});
