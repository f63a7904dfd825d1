import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { until } from '../house/ingot.ts';
import { failsToDeploy, writing } from './aftermath.ts';
import { consoleSays } from './person.ts';
import { IMAGE_SERVER } from './programs/image-server.ts';
import { type Site, startSite, VERB_MS } from './site.ts';
import { redfishOf } from './ways.ts';

// What goes wrong on real machines, with emulated ones: each ends in a booted instance, or in a failed state that names
// the step, and leaves nothing behind. Simulated ones have the rest (tests/baremetal/deploy). Each goes alone, too (`-t`).

const MIB = 1024 ** 2;
const LOOK_MS = 500;
let site: Site;
beforeAll(async () => {
  site = await startSite({
    machines: [
      { name: 'm1', mode: 'bios', disks: [{ bus: 'nvme', sizeBytes: 4096 * MIB }] },
      { name: 'm2', mode: 'bios', disks: [{ bus: 'nvme', sizeBytes: 16 * MIB }] },
    ],
    env: {
      INGOT_IMAGE_ALLOWED_NETWORKS: '127.0.0.0/8',
      // Of machines that boot something else: the next way, or the next try.
      INGOT_BOOT_ATTEMPT_MINUTES: '2',
    },
  });
}, 900_000);
afterAll(async () => {
  await site?.close();
}, 120_000);

const whole = { timeout: 3_600_000, retry: 0 };
let failed = false;

/** One day. After a day that went another way the machine is in nobody knows which state. */
const day = (live: () => Promise<void>) => async (context: TestContext) => {
  context.skip(failed, 'because a day before it failed');
  try {
    await live();
  } catch (error) {
    failed = true;
    process.stdout.write(`${String(error)}\n`);
    throw error;
  }
};

const there = new Set<string>();

/** Enrols a node, unless an earlier day did. */
async function enrol(node: string, machine: 'm1' | 'm2', boot: string): Promise<void> {
  if (there.has(node)) return;
  there.add(node);
  await site.ask('POST', '/v1/nodes', {
    name: node,
    driver: 'redfish',
    boot_interface: boot,
    properties: { capabilities: 'boot_mode:bios' },
    automated_clean: false,
    driver_info: redfishOf(machine),
  });
  await site.verb(node, 'manage', 'manageable');
  await site.verb(node, 'inspect', 'manageable');
  await site.verb(node, 'provide', 'available');
}

/** What it is deployed with next: giving it back forgets that. */
const give = (node: string, source = site.image.url) =>
  site.ask('PATCH', `/v1/nodes/${node}`, [
    { op: 'add', path: '/instance_info/image_source', value: source },
    { op: 'add', path: '/instance_info/image_checksum', value: site.image.checksum },
  ]);

const cleans = (node: string, value: boolean) =>
  site.ask('PATCH', `/v1/nodes/${node}`, [{ op: 'replace', path: '/automated_clean', value }]);

async function deploys(node: string, hostname: string, source?: string): Promise<void> {
  await give(node, source);
  const since = new Date().toISOString();
  await site.verb(node, 'active', 'active', { configdrive: { meta_data: { hostname } } });
  await consoleSays(site, node, new RegExp(`INGOT-READY hostname=${hostname} `), since);
}

/** A deploy that fails, and leaves nothing. */
async function fails(node: 'n1' | 'n2', error: RegExp, how: { source?: string; meanwhile?: () => Promise<void> } = {}) {
  await give(node, how.source);
  await failsToDeploy(site, node === 'n1' ? 'm1' : 'm2', node, error, how.meanwhile);
}

const undeployed = (node: string) => site.verb(node, 'deleted', 'available');

test(
  'power that is cut while the image is written: failed in seconds; cleaned, it is deployed again',
  whole,
  day(async () => {
    await enrol('n1', 'm1', 'redfish-virtual-media');
    await site.breaks('m1', 'faults/slow-disk', { bytesPerSecond: MIB });
    await fails('n1', /^The machine was found off while it had to stay on \(deploy\.write_image/, {
      meanwhile: async () => {
        await writing(site, 'n1');
        expect((await site.truth('m1')).media).toHaveLength(1);
        await site.hands('m1', 'hold-power-button');
      },
    });
    await site.heals('m1');
    await cleans('n1', true);
    await undeployed('n1');
    await leftNothingButSuccess('m1', 'n1');
    await deploys('n1', 'again');
  }),
);

/** After a cleaning: as after a failure, and the node may be given out. */
async function leftNothingButSuccess(machine: string, node: string): Promise<void> {
  const facts = await site.read(node);
  expect([facts.provision_state, facts.last_error]).toEqual(['available', null]);
  expect(await site.truth(machine)).toMatchObject({ power: 'off', media: [] });
  expect(await site.query('select 1 from boot_offers where node_uuid = $1', [facts.uuid])).toEqual([]);
}

test(
  'a BMC that boots the disk instead, with the last tenant’s system on it: explained, and mended',
  whole,
  day(async () => {
    await enrol('n1', 'm1', 'ipxe');
    if ((await site.read('n1')).provision_state === 'available') await deploys('n1', 'again');
    await cleans('n1', false);
    await undeployed('n1');
    await site.ask('PATCH', '/v1/nodes/n1', [{ op: 'replace', path: '/boot_interface', value: 'ipxe' }]);
    await give('n1');
    await site.breaks('m1', 'effects/ignores-once', { traits: { ignoresOnceBoots: 2 } });
    const since = new Date().toISOString();
    await site.ask('PUT', '/v1/nodes/n1/states/provision', {
      target: 'active',
      configdrive: { meta_data: { hostname: 'mended' } },
    });
    // The system that was there starts, and asks for an address.
    await consoleSays(site, 'n1', /INGOT-READY hostname=again /, since);
    const explained = () => site.ask<{ summary: string; check: string[] }>('GET', '/v1/nodes/n1/boot');
    await until(
      'it is explained',
      async () => {
        await systemClock.sleep(LOOK_MS);
        expect((await site.read('n1')).provision_state).toBe('wait call-back');
        const { summary, check } = await explained();
        return (
          /loaded nothing|Nothing was heard/.test(summary) && check.some((one) => /boot order|boot device/.test(one))
        );
      },
      VERB_MS,
    );
    const facts = await site.until('n1', ['active', 'deploy failed']);
    expect([facts.provision_state, facts.last_error]).toEqual(['active', null]);
    await consoleSays(site, 'n1', /INGOT-READY hostname=mended /, since);
    await site.heals('m1');
    await undeployed('n1');
  }),
);

test(
  'an image server that is cut, whose image changes, or that is slow',
  whole,
  day(async () => {
    await enrol('n1', 'm1', 'ipxe');
    const at = (way: string) => `${IMAGE_SERVER}/${way}/tiny.qcow2`;
    await fails('n1', /deploy\.write_image: .*ended after \d+ of \d+ bytes/, { source: at('cut') });
    await undeployed('n1');
    await fails('n1', /deploy\.write_image: .*changed/, { source: at('changed') });
    await undeployed('n1');
    await deploys('n1', 'slow', at('slow'));
    await undeployed('n1');
  }),
);

test(
  'a disk that fails, takes no writes, or is too small',
  whole,
  day(async () => {
    await enrol('n1', 'm1', 'ipxe');
    for (const fault of ['failing-disk', 'read-only-disk'] as const) {
      await site.breaks('m1', `faults/${fault}`);
      await fails('n1', /deploy\.write_image: .*\/dev\/nvme0n1/);
      await site.heals('m1');
      await undeployed('n1');
    }
    await enrol('n2', 'm2', 'ipxe');
    await fails('n2', /deploy\.write_image: .*(too small|no disk has at least)/);
  }),
);
