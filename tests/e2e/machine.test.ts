import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Work } from '../../src/cli/node/draw.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { until } from '../house/ingot.ts';
import { type OwnImage, ownImage } from '../image/own-key.ts';
import { canary, holds, places, planting, standing } from './canaries.ts';
import { type Diary, diaryOf } from './diary.ts';
import { consoleSays, logIn, type Person } from './person.ts';
import { type Site, startSite, VERB_MS } from './site.ts';
import { chosenWays, enrolment, isAsked, PARTS, type Way } from './ways.ts';

// A machine's whole life, by each way to drive and to boot it.

const GIB = 1024 ** 3;
const PASSWORD = 'open-sesame';
const RESCUE = 'let-me-in-again';
const LOOK_MS = 200;
const two = [
  { bus: 'nvme' as const, sizeBytes: 4 * GIB },
  { bus: 'sata' as const, sizeBytes: GIB / 4 },
];
const MACHINES = [
  { name: 'm1', mode: 'uefi' as const, memoryMiB: 1280, disks: two },
  { name: 'm2', mode: 'bios' as const, memoryMiB: 1280, disks: two },
  { name: 'm3', mode: 'uefi' as const, memoryMiB: 1280, disks: two },
  { name: 'm4', mode: 'uefi' as const, secureBoot: true, memoryMiB: 1280, disks: two },
];

const ways = chosenWays();

let site: Site;
let own: OwnImage | undefined;
beforeAll(async () => {
  // What was cleaned stays on in its ramdisk: deploys after a cleaning are warm, all others cold.
  site = await startSite({ machines: MACHINES, env: { INGOT_AGENT_WARM_POOL: 'true' } });
  if (ways.some((way) => way.own)) own = await ownImage(join(site.images, 'own.qcow2'), 'qcow2');
}, 900_000);
afterAll(async () => {
  await site?.close();
}, 120_000);

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

/** Ingot dies while the machine writes its image, and is started again. */
async function killedWhileWriting(node: string): Promise<void> {
  const writes = async () => {
    await systemClock.sleep(LOOK_MS);
    const { provision_state: state, driver_internal_info: info } = await site.read(node);
    if (state === 'active') throw new Error('it was written before anybody could do anything about it');
    const command = info['agent_command'] as { name: string; id?: string } | undefined;
    return state === 'wait call-back' && command?.name === 'standby.prepare_image' && command.id !== undefined;
  };
  await until('the image is written', writes, VERB_MS);
  await site.ingot('kill');
  await site.ingot('up');
}

/** From offered to booted and logged in to. */
async function deploy(node: string, hostname: string, target: 'active' | 'rebuild' = 'active', isKilled = false) {
  const since = new Date().toISOString();
  await Promise.all([
    site.verb(node, target, 'active', drive(hostname)),
    ...(isKilled ? [killedWhileWriting(node)] : []),
  ]);
  await consoleSays(site, node, new RegExp(`INGOT-READY hostname=${hostname} .*data=config-drive`), since);
  return await logIn(site, node, 'root', PASSWORD);
}

/** An image whose key the machine does not know is written and refused, and started once it does. */
async function deployOwn({ node, machine }: Way, { key, image }: OwnImage): Promise<Person> {
  await give(node, { image_source: `file://${image.file}`, image_checksum: `sha256:${image.sha256}` });
  const since = new Date().toISOString();
  await site.verb(node, 'active', 'active', drive(node));
  await consoleSays(site, node, /BdsDxe: failed to load .*Access Denied/, since);
  const { summary } = await site.ask<{ summary: string }>('GET', `/v1/nodes/${node}/boot`);
  expect(summary).toMatch(/its agent called\. After that, at .* refused to start something, for Secure Boot\.$/);
  await site.power(node, 'power off');
  await site.hands(machine, 'enrol', { certificate: key.cert });
  const enrolled = new Date().toISOString();
  await site.power(node, 'power on');
  await consoleSays(site, node, new RegExp(`INGOT-READY hostname=${node} .*secure-boot=on`), enrolled);
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

async function rebuild(node: string): Promise<void> {
  const tenant = await deploy(node, 'again', 'rebuild');
  tenant.leave();
}

/** Somebody whose system does not start reads what is on its disk. */
async function rescue(node: string): Promise<void> {
  const tenant = await logIn(site, node, 'root', PASSWORD);
  await tenant.run('echo remember-me > /mnt/kept; sync');
  tenant.leave();
  await site.verb(node, 'rescue', 'rescue', { rescue_password: RESCUE });
  const rescuer = await logIn(site, node, 'rescue', RESCUE);
  expect(await rescuer.run('id -u; mount -o ro /dev/nvme0n1p1 /mnt; cat /mnt/kept')).toMatch(/\n0\r[\s\S]*remember-me/);
  await rescuer.run('umount /mnt');
  rescuer.leave();
  const since = new Date().toISOString();
  await site.verb(node, 'unrescue', 'active');
  await consoleSays(site, node, /INGOT-READY hostname=/, since);
}

/** Makes an image of the disk; gives its id. */
async function capture(node: string): Promise<string> {
  const tenant = await logIn(site, node, 'root', PASSWORD);
  await tenant.run('echo captured > /mnt/captured; sync');
  tenant.leave();
  await site.verb(node, 'service', 'active', {
    service_steps: [{ interface: 'deploy', step: 'capture', args: { name: 'kept' } }],
  });
  const { driver_internal_info: info } = await site.read(node);
  const { image_id: image } = info['last_capture'] as { image_id: string };
  const isActive = async () => {
    await systemClock.sleep(LOOK_MS);
    const { status } = await site.ask<{ status: string }>('GET', `/image/v2/images/${image}`);
    if (status === 'killed') throw new Error('the capture failed');
    return status === 'active';
  };
  await until('the image may be used', isActive, VERB_MS);
  return image;
}

/** The captured image on a disk that held nothing of it any more. */
async function restore(node: string, image: string): Promise<void> {
  await give(node, { image_source: image });
  // From the warm pool and without another start of the firmware: as fast as it gets.
  await site.ask('PATCH', `/v1/nodes/${node}`, [{ op: 'add', path: '/driver_info/agent_kexec', value: true }]);
  const heir = await deploy(node, 'restored');
  expect(await heir.run('cat /mnt/captured')).toContain('captured');
  heir.leave();
  await site.verb(node, 'deleted', 'available');
}

/** What the machine did, or was waited for, in its last deploy. */
async function waitsOfDeploy(node: string): Promise<string[]> {
  const { timelines } = await site.ask<Work>('GET', `/v1/nodes/${node}/timeline?limit=100`);
  const deploy = timelines.find(({ operation }) => operation === 'deploy');
  expect(deploy).toBeDefined();
  return deploy?.spans.map(({ what }) => what) ?? [];
}

async function live(way: Way, { note }: Diary): Promise<void> {
  const { node } = way;
  const { uuid } = await site.ask<{ uuid: string }>('POST', '/v1/nodes', enrolment(way));
  // No BMC tells its MAC by IPMI: people read it from the machine's label.
  if (way.driver === 'ipmi') await site.ask('POST', '/v1/ports', { node_uuid: uuid, address: site.mac(way.machine) });
  await site.verb(node, 'manage', 'manageable');
  if (way.inspected === true) {
    await note('inspect');
    await site.verb(node, 'inspect', 'manageable');
  }
  await note('provide');
  await site.verb(node, 'provide', 'available');
  await site.ask('PATCH', `/v1/nodes/${node}`, [{ op: 'add', path: '/automated_clean', value: true }]);
  await give(node, tiny());
  await note('deploy');
  const tenant =
    way.own === true && own !== undefined ? await deployOwn(way, own) : await deploy(node, node, 'active', way.killed);
  expect(await tenant.run('echo name-$(hostname) $([ -d /sys/firmware/efi ] && echo uefi || echo bios)')).toContain(
    `name-${node} ${way.mode}`,
  );
  if (way.secure === true) expect(await tenant.run('dmesg | grep -i secure')).toMatch(/Secure boot enabled/i);
  tenant.leave();
  // Not by another way, silently.
  expect.soft(await site.ask('GET', `/v1/nodes/${node}/boot`)).toMatchObject({ method: way.method, tried: [] });
  const { kexec_refused: refused } = (await site.read(node)).driver_internal_info;
  if (way.kexec === true) expect.soft(refused).toBeUndefined();
  if (way.warm === true) expect.soft(await waitsOfDeploy(node)).not.toContain('boot the ramdisk');
  if (way.kexec === true && isAsked('cold')) {
    await note('cold start');
    await site.power(node, 'power off');
    const since = new Date().toISOString();
    await site.power(node, 'power on');
    await consoleSays(site, node, new RegExp(`INGOT-READY hostname=${node} `), since);
  }
  let image: string | undefined;
  if (way.whole === true) {
    for (const part of PARTS.filter((one) => one !== 'cold' && isAsked(one))) {
      await note(part);
      if (part === 'rebuild') await rebuild(node);
      else if (part === 'rescue') await rescue(node);
      else if (part === 'capture') image = await capture(node);
    }
  }
  await note('give back');
  await cleaned(way);
  if (image !== undefined) {
    await note('restore');
    await restore(node, image);
  }
}

test.concurrent.each(ways)(
  'a machine lives $node: from bare to booted, and not a byte of its tenant is left',
  { timeout: 7_200_000, retry: 0 },
  async (way) => {
    // Ways share machines: each waits until the one before it has left. All begin in the same moment.
    const before = turns.get(way.machine);
    let over = () => {};
    turns.set(way.machine, new Promise<void>((resolve) => (over = resolve)));
    await before;
    const diary = diaryOf(site, way.node);
    const remove = () => site.ask('DELETE', `/v1/nodes/${way.node}`);
    try {
      await live(way, diary);
      await diary.note('over');
      process.stdout.write(`${await diary.timelines()}\n`);
      await remove();
    } catch (error) {
      await diary.note(`failed: ${String(error)}`);
      process.stdout.write(`${await diary.timelines().catch(String)}\n`);
      // The next way has the machine whatever became of this one.
      await site.ask('PUT', `/v1/nodes/${way.node}/maintenance`, { reason: 'its test failed' }).catch(() => {});
      await remove().catch(() => {});
      throw error;
    } finally {
      over();
    }
  },
);

const turns = new Map<string, Promise<void>>();
