import { afterAll, beforeAll, expect, test } from 'vitest';
import { failsToDeploy, writing } from './aftermath.ts';
import { canary, holds, places, planting, standing } from './canaries.ts';
import { consoleSays, logIn } from './person.ts';
import { type Site, startSite } from './site.ts';
import { redfishOf } from './ways.ts';

// The shortest way through a machine's life that leaves nothing out that matters to a tenant: it is written, started by
// kexec, logged in to on its console, survives a cold start, and leaves not a byte. Before that its power is cut in the middle
// of the write. The long ways: machine.test.ts, bad-days.test.ts.

const PASSWORD = 'open-sesame';
let site: Site;
beforeAll(async () => {
  site = await startSite({
    machines: [{ name: 'm1', mode: 'bios', disks: [{ bus: 'nvme', sizeBytes: 4 * 1024 ** 3 }] }],
    env: { INGOT_AGENT_KEXEC: 'true' },
  });
}, 900_000);
afterAll(async () => {
  await site?.close();
}, 120_000);

test('a machine whose power is cut while it is written is written again, started by kexec, survives a cold start, and not a byte of its tenant is left', async () => {
  const node = 'n1';
  await site.ask('POST', '/v1/nodes', {
    name: node,
    driver: 'redfish',
    boot_interface: 'ipxe',
    properties: { capabilities: 'boot_mode:bios' },
    // It was never anybody's: only giving it back erases it.
    automated_clean: false,
    driver_info: redfishOf('m1'),
  });
  await site.verb(node, 'manage', 'manageable');
  await site.verb(node, 'inspect', 'manageable');
  await site.verb(node, 'provide', 'available');
  const image = [
    { op: 'add', path: '/instance_info/image_source', value: site.image.url },
    { op: 'add', path: '/instance_info/image_checksum', value: site.image.checksum },
  ];
  await site.ask('PATCH', `/v1/nodes/${node}`, image);

  // A bad day first: somebody pulls its plug while it is written.
  await site.breaks('m1', 'faults/slow-disk', { bytesPerSecond: 1024 ** 2 });
  await failsToDeploy(site, 'm1', node, /^The machine was found off .*deploy\.write_image/, async () => {
    await writing(site, node);
    await site.hands('m1', 'hold-power-button');
  });
  await site.heals('m1');
  await site.verb(node, 'deleted', 'available');
  await site.ask('PATCH', `/v1/nodes/${node}`, [{ op: 'add', path: '/automated_clean', value: true }, ...image]);

  let since = new Date().toISOString();
  await site.verb(node, 'active', 'active', {
    configdrive: { meta_data: { hostname: 'short', admin_pass: PASSWORD } },
  });
  await consoleSays(site, node, /INGOT-READY hostname=short firmware=bios .*data=config-drive/, since);
  const first = await site.read(node);
  expect(first.driver_internal_info['kexec_refused']).toBeUndefined();
  expect(await site.log(node, `?since=${encodeURIComponent(since)}`)).toContain('starting the system');

  // Cold: nothing of the ramdisk that started it is left.
  await site.power(node, 'power off');
  since = new Date().toISOString();
  await site.power(node, 'power on');
  await consoleSays(site, node, /INGOT-READY hostname=short firmware=bios/, since);

  const word = canary(crypto.randomUUID());
  const [file = ''] = await site.disks('m1');
  const sectors = await places(file);
  const tenant = await logIn(site, node, 'root', PASSWORD);
  expect(await tenant.run(planting('/dev/nvme0n1', sectors, word))).toContain('planted-9');
  tenant.leave();
  expect(await standing(file, sectors, word)).toEqual(sectors);
  expect(await holds(file, word)).toBe(true);
  await site.verb(node, 'deleted', 'available');
  expect(await standing(file, sectors, word)).toEqual([]);
  expect(await holds(file, word)).toBe(false);
}, 900_000);
