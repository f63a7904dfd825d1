import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canary, holds, places, planting } from './canaries.ts';
import { consoleSays, logIn } from './person.ts';
import { type Site, startSite } from './site.ts';
import { redfishOf } from './ways.ts';

// OpenStack's own ironic-python-agent, in a ramdisk of its own, works for our conductor: it inspects, cleans, writes, and
// lets its owner in for a rescue. `INGOT_IPA` names the folder with the kernel and initrd (see CONTRIBUTING.md).

const folder = process.env['INGOT_IPA'] ?? '';
const GIB = 1024 ** 3;
const PASSWORD = 'open-sesame';
const RESCUE = 'let-me-in-again';
const node = 'n1';
let site: Site;
beforeAll(async () => {
  site = await startSite({
    machines: [{ name: 'm1', mode: 'uefi', memoryMiB: 2560, disks: [{ bus: 'nvme', sizeBytes: 5 * GIB }], nics: [{}] }],
    env: { INGOT_BOOT_FILE_FOLDERS: folder },
  });
}, 900_000);
afterAll(async () => {
  await site?.close();
}, 120_000);

test('ironic-python-agent inspects, deploys, rescues and erases a machine', async () => {
  await site.ask('POST', '/v1/nodes', {
    name: node,
    driver: 'redfish',
    boot_interface: 'ipxe',
    inspect_interface: 'agent',
    // It was never anybody's: only giving it back erases it.
    automated_clean: false,
    properties: { capabilities: 'boot_mode:uefi' },
    driver_info: {
      ...redfishOf('m1'),
      deploy_kernel: join(folder, 'vmlinuz'),
      deploy_ramdisk: join(folder, 'initrd'),
      rescue_kernel: join(folder, 'vmlinuz'),
      rescue_ramdisk: join(folder, 'initrd'),
      kernel_append_params: 'console=ttyS0 ipa-debug=1 systemd.journald.forward_to_console=1',
    },
  });
  const { uuid } = await site.ask<{ uuid: string }>('GET', `/v1/nodes/${node}`);
  await site.ask('POST', '/v1/ports', { node_uuid: uuid, address: site.mac('m1') });
  await site.verb(node, 'manage', 'manageable');
  await site.verb(node, 'inspect', 'manageable');
  const { inventory } = await site.ask<{ inventory: { disks: { name: string; size: number }[] } }>(
    'GET',
    `/v1/nodes/${node}/inventory`,
  );
  expect(inventory.disks).toMatchObject([{ name: '/dev/nvme0n1', size: 5 * GIB }]);
  await site.verb(node, 'provide', 'available');
  await site.ask('PATCH', `/v1/nodes/${node}`, [
    { op: 'add', path: '/automated_clean', value: true },
    { op: 'add', path: '/instance_info/image_source', value: site.image.url },
    { op: 'add', path: '/instance_info/image_checksum', value: site.image.checksum },
  ]);

  let since = new Date().toISOString();
  await site.verb(node, 'active', 'active', {
    configdrive: { meta_data: { uuid: crypto.randomUUID(), hostname: 'tenant', admin_pass: PASSWORD } },
  });
  await consoleSays(site, node, /INGOT-READY hostname=tenant .*data=config-drive/, since);
  let tenant = await logIn(site, node, 'root', PASSWORD);
  tenant.leave();

  since = new Date().toISOString();
  await site.verb(node, 'rescue', 'rescue', { rescue_password: RESCUE });
  // The agent answers before its ramdisk makes the user.
  await consoleSays(site, node, /new user: name=rescue/, since);
  const rescuer = await logIn(site, node, 'rescue', RESCUE);
  // Its ramdisk, not ours.
  expect(await rescuer.run('ls -d /usr/lib/python3/dist-packages/ironic_python_agent')).toMatch(
    /ironic_python_agent\r/,
  );
  rescuer.leave();
  since = new Date().toISOString();
  await site.verb(node, 'unrescue', 'active');
  await consoleSays(site, node, /INGOT-READY hostname=/, since);

  // Its partition table is lost to it, too: nothing of this starts again.
  tenant = await logIn(site, node, 'root', PASSWORD);
  const word = canary(`ipa ${crypto.randomUUID()}`);
  const [file = ''] = await site.disks('m1');
  expect(await tenant.run(planting('/dev/nvme0n1', await places(file), word))).toContain('planted-9');
  tenant.leave();
  expect(await holds(file, word)).toBe(true);
  await site.verb(node, 'deleted', 'available');
  expect(await holds(file, word)).toBe(false);
  const { proofs } = await site.ask<{ proofs: { step: string; agent_version: string | null }[] }>(
    'GET',
    `/v1/nodes/${node}/proofs`,
  );
  expect(proofs).toContainEqual(expect.objectContaining({ step: 'deploy.erase_devices', agent_version: '9.4.0' }));
}, 3_600_000);
