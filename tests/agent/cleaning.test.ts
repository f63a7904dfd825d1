import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { EraseResult } from '#agent-api/erase';
import type { CommandResult } from '#agent-api/wire';
import type { SimulatedOptions } from '../../src/agent/machine/simulated/machine.ts';
import type { SimulatedTool } from '../../src/agent/machine/simulated/tools.ts';
import { MIB, NODE, startAgent, startConductor, type TestAgent } from './harness.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const SIZE = 64 * MIB;

async function machine(disk: string, options: Partial<SimulatedOptions> = {}): Promise<TestAgent> {
  const conductor = await startConductor();
  const nics = [{ name: 'eth0', mac: '52:54:00:00:00:01' }];
  const agent = await startAgent(conductor.server.url, {
    hardware: { disks: [{ name: disk, size: SIZE, serial: 'S1', wwid: 'naa.5000c50012345678' }], nics },
    ...options,
  });
  open.push(conductor.server, agent);
  // Data at both ends and in the middle: what an earlier tenant left.
  for (const at of [0, SIZE / 2, SIZE - MIB]) agent.machine.disk(`/dev/${disk}`).write(Buffer.alloc(MIB, 'tenant'), at);
  return agent;
}

const step = (agent: TestAgent, name: string, node: Record<string, unknown> = {}): Promise<CommandResult> =>
  agent.command('clean.execute_clean_step', {
    step: { step: name, interface: 'deploy' },
    node: { uuid: NODE, ...node },
    ports: [],
  });

const evidenceOf = (result: CommandResult): EraseResult =>
  (result.command_result as { clean_result: EraseResult }).clean_result;

function held(agent: TestAgent, device: string): number {
  return agent.machine.disk(device).held;
}

/** A simulated ATA drive with the security feature set. */
function ata(options: { frozen?: boolean; erases?: boolean; locked?: boolean }): SimulatedTool {
  let enabled = options.locked === true;
  let locked = options.locked === true;
  const yes = (is: boolean, word: string) => `\t${is ? '' : 'not'}\t${word}\n`;
  return (args, world) => {
    if (args[0] === '-I') {
      return `\nSecurity:\n\t\tsupported\n${yes(enabled, 'enabled')}${yes(locked, 'locked')}${yes(options.frozen === true, 'frozen')}\t\tsupported: enhanced erase\n\t2min for SECURITY ERASE UNIT. 2min for ENHANCED SECURITY ERASE UNIT.\nChecksum: correct\n`;
    }
    if (args.includes('--security-unlock')) locked = false;
    else if (args.includes('--security-disable')) enabled = false;
    else if (args.includes('--security-set-pass')) enabled = true;
    else if (args.some((arg) => arg.startsWith('--security-erase'))) {
      if (!enabled || locked || options.frozen === true) return null;
      const disk = world.disk(args.at(-1) ?? '');
      if (options.erases !== false) disk?.zero(0, disk.size);
      enabled = false;
    }
    return '';
  };
}

describe('erasing, on simulated drives', () => {
  test('an ATA drive erases itself, also one that an interrupted erase left locked', async () => {
    for (const locked of [false, true]) {
      const agent = await machine('sda', { tools: { hdparm: ata({ locked }) } });
      const result = await step(agent, 'erase_devices');
      expect(result.command_error).toBeNull();
      expect(evidenceOf(result).devices).toMatchObject([
        {
          device: '/dev/sda',
          serial: 'S1',
          wwn: '0x5000c50012345678',
          method: 'ata-secure-erase-enhanced',
          verified: true,
        },
      ]);
      expect(held(agent, '/dev/sda')).toBe(0);
      expect(agent.machine.calls.some((call) => call.includes('--security-unlock'))).toBe(locked);
    }
  }, 60_000);

  test('a frozen one is overwritten and the proof says why', async () => {
    const agent = await machine('sda', { tools: { hdparm: ata({ frozen: true }) } });
    const [proof] = evidenceOf(await step(agent, 'erase_devices')).devices;
    expect(proof).toMatchObject({ method: 'overwrite', bytes: SIZE, verified: true });
    expect(proof?.passed_over).toEqual([
      { method: 'ata-secure-erase', why: 'the firmware froze the security of the drive' },
    ]);
    expect(held(agent, '/dev/sda')).toBe(0);
  });

  test('a drive that says it erased itself and did not is found out', async () => {
    const agent = await machine('sda', { tools: { hdparm: ata({ erases: false }) } });
    const [proof] = evidenceOf(await step(agent, 'erase_devices')).devices;
    expect(proof?.passed_over.map((one) => one.method)).toEqual(['ata-secure-erase-enhanced', 'ata-secure-erase']);
    expect(proof?.passed_over[0]?.why).toMatch(/still shows data after its erase: at byte 0/);
    expect(proof?.method).toBe('overwrite');
    // Where the operator does not want it overwritten, the step fails.
    const strict = await machine('sda', { tools: { hdparm: ata({ erases: false }) } });
    const failed = await step(strict, 'erase_devices', {
      driver_internal_info: { agent_continue_if_secure_erase_failed: false },
    });
    expect(failed.command_error).toMatchObject({ type: 'EraseFailed' });
    expect(failed.command_error?.details).toContain('still shows data');
  }, 60_000);

  test('an NVMe drive that cannot format sanitizes, and noise after a cryptographic erase is no data', async () => {
    let asked = 0;
    const nvme: SimulatedTool = (args, world) => {
      if (args[0] === 'id-ctrl') return '{"oacs":0,"fna":0,"sanicap":3}';
      if (args[0] === 'sanitize-log') return ++asked < 2 ? '{"sprog":30000,"sstat":2}' : '{"sprog":65535,"sstat":1}';
      const disk = world.disk('/dev/nvme0n1');
      if (args[0] !== 'sanitize' || args[1] !== '/dev/nvme0') return null;
      disk?.zero(0, disk.size);
      for (let at = 0; disk !== null && at < disk.size; at += MIB) {
        disk.write(createHash('sha512').update(`key ${at}`).digest(), at);
      }
      return '';
    };
    const agent = await machine('nvme0n1', { tools: { nvme } });
    const [proof] = evidenceOf(await step(agent, 'erase_devices')).devices;
    expect(proof).toMatchObject({ method: 'nvme-sanitize-crypto', verified: true });
    expect(proof?.samples.some((sample) => !sample.uniform)).toBe(true);
  }, 60_000);

  test('the proof names places nobody could foresee, and one line over all', async () => {
    const proofs = await Promise.all(
      ['vda', 'vda'].map(async (disk) => evidenceOf(await step(await machine(disk), 'erase_devices')).devices[0]),
    );
    const places = proofs.map((proof) => proof?.samples.map((sample) => sample.offset));
    expect(places[0]).not.toEqual(places[1]);
    for (const proof of proofs) {
      expect(proof?.samples.length).toBeGreaterThan(50);
      expect(proof?.samples[0]?.offset).toBe(0);
      expect(proof?.samples.at(-1)?.offset).toBe(SIZE - 64 * 1024);
      const lines = proof?.samples.map((one) => `${one.offset} ${one.bytes} ${one.sha256}\n`).join('') ?? '';
      expect(proof?.digest).toBe(createHash('sha256').update(lines).digest('hex'));
    }
  }, 60_000);

  test('metadata is both ends; disks that are to be kept are kept and named', async () => {
    const agent = await machine('vda');
    const result = evidenceOf(await step(agent, 'erase_devices_metadata'));
    expect(result.devices).toMatchObject([{ method: 'metadata', bytes: 2 * MIB, verified: true }]);
    expect(held(agent, '/dev/vda')).toBe(MIB);
    const kept = await machine('vda');
    const node = { properties: { skip_block_devices: [{ serial: 'S1' }] } };
    const skipped = evidenceOf(await step(kept, 'erase_devices', node));
    expect(skipped).toEqual({
      devices: [],
      skipped: [{ device: '/dev/vda', why: 'skip_block_devices of the node names it' }],
    });
    expect(held(kept, '/dev/vda')).toBe(3 * MIB);
  }, 60_000);

  test('a disk that cannot be read proves nothing', async () => {
    const agent = await machine('vda', { fault: (_device, what) => (what === 'read' ? 'Input/output error' : null) });
    const result = await step(agent, 'erase_devices');
    expect(result.command_error).toMatchObject({ type: 'DeviceUnusable' });
  });
});

describe('what else is left of a tenant', () => {
  test('boot entries of disks go, the one this ramdisk came by stays', async () => {
    const entries = new Map([
      ['0001', 'HD(1,GPT)/File(\\EFI\\debian\\shimx64.efi)'],
      ['0002', 'PciRoot(0x0)/MAC(525400000001)'],
      ['0003', 'HD(1,GPT)/File(\\EFI\\BOOT\\BOOTX64.EFI)'],
    ]);
    const efibootmgr: SimulatedTool = (args) => {
      if (args.includes('-B')) entries.delete(args[args.indexOf('-b') + 1] ?? '');
      return ['BootCurrent: 0003', ...[...entries].map(([id, path]) => `Boot${id}* entry\t${path}`), ''].join('\n');
    };
    const agent = await machine('vda', { tools: { efibootmgr } });
    expect((await step(agent, 'clean_uefi_nvram')).command_status).toBe('SUCCEEDED');
    expect([...entries.keys()]).toEqual(['0002', '0003']);
  });

  test('a rescue takes hashes and keys, never a password on a command line', async () => {
    const agent = await machine('vda');
    const files = async (path: string) => (await agent.machine.text(path)) ?? '';
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ me@home';
    await agent.command('rescue.finalize_rescue', { rescue_password: 'S3CR3T word', hashed: false, ssh_key: key });
    expect(await files('/etc/shadow')).toMatch(/^rescue:\$6\$/m);
    expect(await files('/home/rescue/.ssh/authorized_keys')).toBe(key);
    expect(JSON.stringify(agent.machine.calls)).not.toContain('S3CR3T');
    expect(JSON.stringify(agent.machine.calls)).toContain('/usr/lib/ingot/logins');
    expect(agent.lines.join('\n')).not.toContain('S3CR3T');
    for (const bad of [{ rescue_password: 'plain', hashed: true }, { ssh_key: 'x\nroot::0:0' }, {}]) {
      await expect(agent.command('rescue.finalize_rescue', bad)).rejects.toThrow(/^400 /);
    }
  });
});
