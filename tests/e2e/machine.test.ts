import { afterAll, beforeAll, expect, test } from 'vitest';
import { BMC_LOGIN } from '../../src/operate/rack/layout.ts';
import { canary, holds, places, planting, standing } from './canaries.ts';
import { consoleSays, logIn } from './person.ts';
import { type Site, startSite } from './site.ts';

// A machine's whole life, by each way to drive and to boot it. Two machines at a time.

const GIB = 1024 ** 3;
const PASSWORD = 'open-sesame';
const RESCUE = 'let-me-in-again';
const two = [
  { bus: 'nvme' as const, sizeBytes: 4 * GIB },
  { bus: 'sata' as const, sizeBytes: GIB / 4 },
];
const MACHINES = [
  { name: 'm1', mode: 'uefi' as const, memoryMiB: 1280, disks: two },
  { name: 'm2', mode: 'bios' as const, memoryMiB: 1280, disks: two },
];

interface Way {
  node: string;
  machine: 'm1' | 'm2';
  driver: 'redfish' | 'ipmi';
  boot: string;
  mode: 'uefi' | 'bios';
  /** What `explain` says it booted by. */
  method: string;
  /** Rebuild, rescue, capture and all. */
  whole?: true;
}

const WAYS: readonly Way[] = [
  {
    node: 'by-media',
    machine: 'm1',
    driver: 'redfish',
    boot: 'auto',
    mode: 'uefi',
    method: 'virtual-media',
    whole: true,
  },
  { node: 'by-bios-ipxe', machine: 'm2', driver: 'ipmi', boot: 'auto', mode: 'bios', method: 'ipxe' },
  { node: 'by-http', machine: 'm1', driver: 'redfish', boot: 'redfish-https', mode: 'uefi', method: 'uefi-http' },
  { node: 'by-uefi-ipxe', machine: 'm2', driver: 'ipmi', boot: 'ipxe', mode: 'uefi', method: 'ipxe' },
];
const asked = process.env['INGOT_E2E']?.split(',') ?? [];
const chosen = WAYS.filter(({ node }) => asked.includes(node));
const ways = chosen.length > 0 ? chosen : WAYS;

let site: Site;
beforeAll(async () => {
  site = await startSite({ machines: MACHINES });
}, 900_000);
afterAll(async () => {
  await site?.close();
}, 120_000);

const address = ({ machine }: Way) => `127.0.77.${machine.slice(1)}`;

function enrolment(way: Way): Record<string, unknown> {
  const { name, password } = BMC_LOGIN;
  return {
    name: way.node,
    driver: way.driver,
    boot_interface: way.boot,
    properties: { capabilities: `boot_mode:${way.mode}` },
    driver_info:
      way.driver === 'redfish'
        ? {
            redfish_address: `https://${address(way)}`,
            redfish_username: name,
            redfish_password: password,
            redfish_verify_ca: 'pin',
          }
        : { ipmi_address: address(way), ipmi_username: name, ipmi_password: password },
  };
}

const drive = (hostname: string) => ({
  configdrive: { meta_data: { uuid: crypto.randomUUID(), hostname, admin_pass: PASSWORD } },
});

/** Tells which image the node gets next. */
const give = (node: string, info: Record<string, string>) =>
  site.ask(
    'PATCH',
    `/v1/nodes/${node}`,
    Object.entries(info).map(([key, value]) => ({ op: 'add', path: `/instance_info/${key}`, value })),
  );

const tiny = () => ({ image_source: site.image.url, image_checksum: site.image.checksum });

/** From offered to booted and logged in to. */
async function deploy(node: string, hostname: string, target: 'active' | 'rebuild' = 'active') {
  const since = new Date().toISOString();
  await site.verb(node, target, 'active', drive(hostname));
  await consoleSays(site, node, new RegExp(`INGOT-READY hostname=${hostname} .*data=config-drive`), since);
  return await logIn(site, node, 'root', PASSWORD);
}

/** Plants a word on all disks as their tenant, has the machine given back, and looks for the word from the host. */
async function cleaned(way: Way): Promise<void> {
  const { node, machine } = way;
  const word = canary(`${node} ${crypto.randomUUID()}`);
  const tenant = await logIn(site, node, 'root', PASSWORD);
  const planted: { file: string; sectors: number[] }[] = [];
  for (const file of await site.disks(machine)) {
    const sectors = await places(file);
    const device = file.includes('nvme') ? '/dev/nvme0n1' : '/dev/sda';
    expect(await tenant.run(planting(device, sectors, word))).toContain('planted-9');
    planted.push({ file, sectors });
  }
  tenant.leave();
  expect(planted).toHaveLength(2);
  // The search bites.
  for (const { file, sectors } of planted) {
    expect(await standing(file, sectors, word)).toEqual(sectors);
    expect(await holds(file, word)).toBe(true);
  }
  await site.verb(node, 'deleted', 'available');
  for (const { file, sectors } of planted) {
    expect(await standing(file, sectors, word)).toEqual([]);
    expect(await holds(file, word)).toBe(false);
  }
  const { proofs } = await site.ask<{ proofs: { step: string; outcome: string; device: string | null }[] }>(
    'GET',
    `/v1/nodes/${node}/proofs`,
  );
  // `/dev/sda SERIAL`
  const erased = proofs
    .filter(({ step, outcome }) => step === 'deploy.erase_devices' && outcome === 'erased')
    .map(({ device }) => device?.split(' ')[0]);
  expect(new Set(erased)).toEqual(new Set(['/dev/nvme0n1', '/dev/sda']));
}

async function wholeLife({ node }: Way): Promise<void> {
  const tenant = await deploy(node, 'again', 'rebuild');
  await tenant.run('echo remember-me > /mnt/kept; sync');
  tenant.leave();

  await site.verb(node, 'rescue', 'rescue', { rescue_password: RESCUE });
  const rescuer = await logIn(site, node, 'rescue', RESCUE);
  expect(await rescuer.run('id -u; mount -o ro /dev/nvme0n1p1 /mnt; cat /mnt/kept')).toMatch(/\n0\r[\s\S]*remember-me/);
  await rescuer.run('umount /mnt');
  rescuer.leave();
  const since = new Date().toISOString();
  await site.verb(node, 'unrescue', 'active');
  await consoleSays(site, node, /INGOT-READY hostname=again/, since);

  await site.verb(node, 'service', 'active', {
    service_steps: [{ interface: 'deploy', step: 'capture', args: { name: 'kept' } }],
  });
}

test.concurrent.each(ways)(
  'a machine lives $node: from bare to booted, and not a byte of its tenant is left',
  { timeout: 2_400_000, retry: 0 },
  async (way) => {
    const { node } = way;
    // Ways share machines: each waits until the one before it has left.
    await turns.get(way.machine);
    let over = () => {};
    turns.set(way.machine, new Promise<void>((resolve) => (over = resolve)));
    try {
      const { uuid } = await site.ask<{ uuid: string }>('POST', '/v1/nodes', enrolment(way));
      // No BMC tells its MAC by IPMI: people read it from the machine's label.
      if (way.driver === 'ipmi')
        await site.ask('POST', '/v1/ports', { node_uuid: uuid, address: site.mac(way.machine) });
      await site.verb(node, 'manage', 'manageable');
      await site.verb(node, 'inspect', 'manageable');
      await site.verb(node, 'provide', 'available');
      await give(node, tiny());
      const tenant = await deploy(node, node);
      expect(await tenant.run('echo name-$(hostname) $([ -d /sys/firmware/efi ] && echo uefi || echo bios)')).toContain(
        `name-${node} ${way.mode}`,
      );
      tenant.leave();
      if (way.whole) await wholeLife(way);
      const { driver_internal_info: info } = await site.read(node);
      await cleaned(way);
      if (way.whole) {
        const { image_id } = info['last_capture'] as { image_id: string };
        await give(node, { image_source: image_id });
        const heir = await deploy(node, 'restored');
        expect(await heir.run('cat /mnt/kept')).toContain('remember-me');
        heir.leave();
        await site.verb(node, 'deleted', 'available');
      }
      await site.ask('DELETE', `/v1/nodes/${node}`);
    } finally {
      over();
    }
  },
);

const turns = new Map<string, Promise<void>>();
