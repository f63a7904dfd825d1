import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ready, scratch, until } from './ingot.ts';

async function nodes(url: string): Promise<{ name: string; provision_state: string }[]> {
  const answer = await fetch(`${url}/v1/nodes?fields=name,provision_state`, {
    headers: { 'x-openstack-ironic-api-version': '1.115' },
  });
  return ((await answer.json()) as { nodes: { name: string; provision_state: string }[] }).nodes;
}

test('without QEMU a simulated rack goes through its life, and says that it is one', async () => {
  using place = scratch();
  const running = await ready(join(place.path, 'data'), {
    args: ['--lab', 'simulated'],
    env: { INGOT_LAB_MACHINES: '2' },
    deadlineMs: 280_000,
  });
  try {
    await until(
      'one machine is deployed, the other offered',
      async () => {
        const states = (await nodes(running.url)).map((node) => node.provision_state).sort();
        return states.join() === 'active,available';
      },
      180_000,
    );
    await running.said(/A simulated rack runs: 2 BMCs/);
    await running.said(/there is no system to log in to/);
  } finally {
    expect((await running.stop()).code).toBe(0);
  }
}, 300_000);
