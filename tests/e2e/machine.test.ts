import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineSpec } from '../../src/lab/machine/spec.ts';
import { canary, consoleSays, type E2e, holds, onConsole, startE2e } from './rack.ts';

let rack: E2e;
beforeAll(async () => {
  rack = await startE2e(2);
}, 600_000);
afterAll(async () => {
  await rack?.close();
}, 120_000);

const BMC = { user: 'admin', password: 'rehearse' };
const WAYS = [
  {
    node: 'by-redfish',
    machine: 'rack1-u01',
    disk: '/dev/nvme0n1',
    body: {
      driver: 'redfish',
      driver_info: {
        redfish_address: 'https://127.0.77.1',
        redfish_username: BMC.user,
        redfish_password: BMC.password,
        redfish_verify_ca: false,
      },
    },
    method: 'virtual-media',
    extra: true,
  },
  {
    node: 'by-ipmi',
    machine: 'rack1-u02',
    disk: '/dev/nvme0n1',
    body: {
      driver: 'ipmi',
      driver_info: { ipmi_address: '127.0.77.2', ipmi_username: BMC.user, ipmi_password: BMC.password },
    },
    method: 'ipxe',
    extra: false,
  },
] as const;

const PASSWORD = 'open-sesame';

/** As a tenant that is root: the canary at the first, the last and some other sectors of its disk, past every file. */
function planter(disk: string, word: string): string {
  return [
    '#!/bin/sh',
    `size=$(blockdev --getsz ${disk})`,
    `for at in 1 $((size - 40)) $((size / 3)) $((size / 2 + 12345)); do`,
    `  echo ${word} | dd of=${disk} bs=512 seek=$at conv=notrunc,sync 2> /dev/null`,
    'done',
    'sync',
    'echo PLANTED',
  ].join('\n');
}

test.concurrent.each(WAYS)(
  'a machine driven $node, from bare to booted and clean again',
  async (way) => {
    const { node } = way;
    const word = canary(node);
    const { uuid } = await rack.ask<{ uuid: string }>('POST', '/v1/nodes', { name: node, ...way.body });
    if (way.body.driver === 'ipmi') {
      // No BMC tells its MAC: people read it from the machine's label.
      const address = machineSpec({ name: way.machine }).nics[0]?.mac;
      await rack.ask('POST', '/v1/ports', { node_uuid: uuid, address });
    }
    await rack.verb(node, 'manage', 'manageable');
    // By the BMC where it can, else by the ramdisk, which finds the ports.
    await rack.verb(node, 'inspect', 'manageable').catch(async (error: unknown) => {
      if (way.body.driver === 'redfish') throw error;
    });
    await rack.verb(node, 'provide', 'available');

    const info = { image_source: rack.image.url, image_checksum: rack.image.checksum };
    const patch = Object.entries(info).map(([key, value]) => ({ op: 'add', path: `/instance_info/${key}`, value }));
    await rack.ask('PATCH', `/v1/nodes/${node}`, patch);
    const since = new Date().toISOString();
    await rack.verb(node, 'active', 'active', {
      configdrive: {
        meta_data: { uuid: '3f1b36a4-0f6a-4c5a-9d8e-000000000001', hostname: node, admin_pass: PASSWORD },
        user_data: planter(way.disk, word),
      },
    });
    await consoleSays(rack, node, /PLANTED/, since);
    await consoleSays(rack, node, new RegExp(`INGOT-READY hostname=${node} .*data=config-drive`), since);
    expect(await onConsole(rack, node, PASSWORD, 'echo name-$(hostname)')).toContain(`name-${node}`);
    const [file = ''] = await rack.disks(way.machine);
    expect(await holds(file, word)).toBe(true);

    if (way.extra) {
      const asked = new Date().toISOString();
      await rack.verb(node, 'rebuild', 'active', {
        configdrive: { meta_data: { uuid: '3f1b36a4-0f6a-4c5a-9d8e-000000000002', hostname: 'again' } },
      });
      await consoleSays(rack, node, /INGOT-READY hostname=again/, asked);
    }

    await rack.verb(node, 'deleted', 'available');
    expect(await holds(file, word)).toBe(false);
    const { proofs } = await rack.ask<{ proofs: unknown[] }>('GET', `/v1/nodes/${node}/proofs`);
    expect(proofs.length).toBeGreaterThan(0);
  },
  1_200_000,
);
