import { afterEach, describe, expect, test } from 'vitest';
import { emptyGpt, TYPES, writeGpt } from '../../src/agent/disks/gpt.ts';
import type { SimulatedOptions } from '../../src/agent/machine/simulated/machine.ts';
import { startAgent, startConductor, type TestAgent, until } from './harness.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const GRUB = `menuentry 'Debian' {
  linux /boot/vmlinuz-6.1 root=UUID=abc ro
  initrd /boot/initrd.img-6.1
}
`;
const SYSTEM = { 'boot/grub/grub.cfg': GRUB, 'boot/vmlinuz-6.1': 'kernel', 'boot/initrd.img-6.1': 'initrd' };

/** A simulated machine with a written system, and what becomes of it. */
async function machine(options: Partial<SimulatedOptions> = {}): Promise<TestAgent & { halts: string[] }> {
  const halts: string[] = [];
  const conductor = await startConductor();
  const agent = await startAgent(conductor.server.url, {
    onHalt: (how) => halts.push(how),
    tools: { kexec: () => '' },
    mounted: SYSTEM,
    ...options,
  });
  open.push(conductor.server, agent);
  const device = await agent.machine.open('/dev/vda');
  const table = emptyGpt(device.size, 512);
  const uuid = '00000001-1111-4222-8333-444444444444';
  table.partitions = [{ number: 1, first: 2048, last: 8191, type: TYPES.linux, uuid, name: '', attributes: 0n }];
  await writeGpt(device, table, { protective: true });
  return { ...agent, halts };
}

describe('starting the written system without a reboot', () => {
  test('loads what its boot loader would start', async () => {
    const { command, machine: hardware } = await machine();
    const { command_result: result } = await command('ingot.kexec_load', { append: 'console=ttyS0' });
    expect(result).toEqual({
      source: 'grub',
      title: 'Debian',
      kernel: '/boot/vmlinuz-6.1',
      initrd: '/boot/initrd.img-6.1',
      cmdline: 'root=UUID=abc ro console=ttyS0',
    });
    expect(hardware.calls.find((call) => call[0] === 'kexec')).toEqual([
      'kexec',
      '-a',
      '-l',
      '/simulated/dev/vda1/boot/vmlinuz-6.1',
      '--initrd=/simulated/dev/vda1/boot/initrd.img-6.1',
      '--command-line=root=UUID=abc ro console=ttyS0',
    ]);
  });

  test('says why it cannot be, so that the conductor reboots', async () => {
    const { command } = await machine({ mounted: { 'EFI/Microsoft/x.efi': 'windows' } });
    expect((await command('ingot.kexec_load', {})).command_error).toMatchObject({
      type: 'KexecImpossible',
      details: expect.stringContaining('/dev/vda1: no boot entries') as string,
    });
    const refused = await machine({ tools: { kexec: () => null } });
    expect((await refused.command('ingot.kexec_load', {})).command_error).toMatchObject({ type: 'KexecImpossible' });
    const early = await refused.command('ingot.kexec_arm', { deadline_seconds: 5 });
    expect(early.command_error).toMatchObject({ type: 'KexecImpossible' });
  });

  test('starts when the link went and came back, and not before', async () => {
    const { command, machine: hardware, halts } = await machine();
    await hardware.put('/sys/kernel/kexec_loaded', '1');
    const armed = await command('ingot.kexec_arm', {
      deadline_seconds: 60,
      settle_seconds: 0.2,
      drop_after_seconds: 0,
    });
    expect(armed.command_result).toEqual({ armed: true, watching: ['52:54:00:00:00:01'] });
    await until(() => hardware.calls.some((call) => call.join(' ') === 'ip address flush dev eth0'));
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(halts).toEqual([]);
    await hardware.put('/sys/class/net/eth0/carrier', '0');
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(halts).toEqual([]);
    await hardware.put('/sys/class/net/eth0/carrier', '1');
    await until(() => halts.length > 0);
    expect(halts).toEqual(['kexec']);
  }, 60_000);

  test('starts when the link was gone for so short that nobody looked', async () => {
    const { command, machine: hardware, halts } = await machine();
    await hardware.put('/sys/kernel/kexec_loaded', '1');
    await hardware.put('/sys/class/net/eth0/carrier_down_count', '3');
    await command('ingot.kexec_arm', { deadline_seconds: 60, settle_seconds: 0.2, drop_after_seconds: 0 });
    await until(() => hardware.calls.some((call) => call.join(' ') === 'ip address flush dev eth0'));
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(halts).toEqual([]);
    await hardware.put('/sys/class/net/eth0/carrier_down_count', '4');
    await until(() => halts.length > 0);
    expect(halts).toEqual(['kexec']);
  }, 60_000);

  test('powers off at the deadline', async () => {
    const { command, machine: hardware, halts } = await machine();
    await hardware.put('/sys/kernel/kexec_loaded', '1');
    await command('ingot.kexec_arm', { deadline_seconds: 0.5, drop_after_seconds: 0 });
    await until(() => halts.length > 0);
    expect(halts).toEqual(['off']);
  }, 60_000);
});
