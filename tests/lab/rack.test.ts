import { describe, expect, it } from 'vitest';
import type { BootAttempt, Guest, GuestPlug } from '../../src/lab/machine/simulated/guest.ts';
import type { SimulatedMachine } from '../../src/lab/machine/simulated/machine.ts';
import { startLab } from '../../src/lab/up.ts';
import { ask, reset, SYSTEM, until } from './client.ts';

describe('a simulated rack', () => {
  it('holds thousands of BMCs in one process', async () => {
    const before = process.memoryUsage().heapUsed;
    const began = performance.now();
    await using lab = await startLab({ machines: 2_000, kind: 'simulated', control: null });
    expect(performance.now() - began).toBeLessThan(20_000);
    expect((process.memoryUsage().heapUsed - before) / 2_000).toBeLessThan(60_000);
    const some = lab.machines.filter((_m, i) => i % 200 === 0);
    expect(new Set(lab.machines.map((m) => m.spec.uuid)).size).toBe(2_000);
    expect(new Set(lab.machines.flatMap((m) => m.spec.nics.map((n) => n.mac))).size).toBe(4_000);
    const answers = await Promise.all(some.map((m) => ask(m, 'GET', SYSTEM)));
    expect(answers.map((a) => a.json.UUID)).toEqual(some.map((m) => m.spec.uuid));
  });

  it('hands each network boot to the plug, with its NIC, and tells the guest when power goes', async () => {
    const attempts: BootAttempt[] = [];
    const stopped: string[] = [];
    const guests: GuestPlug = {
      boot(attempt): Guest | null {
        attempts.push(attempt);
        // the second NIC has the agent
        if (attempt.nic?.id !== 'nic1') return null;
        return {
          name: 'agent',
          powerButton: () => attempt.machine.guestPowerOff(),
          stop: () => stopped.push(attempt.machine.spec.name),
        };
      },
    };
    await using lab = await startLab({ machines: 1, kind: 'simulated', guests, control: null });
    const [machine] = lab.machines;
    if (machine === undefined) throw new Error('no machine');
    const hardware = machine.machine as SimulatedMachine;
    await ask(machine, 'PATCH', SYSTEM, {
      body: { Boot: { BootSourceOverrideEnabled: 'Once', BootSourceOverrideTarget: 'Pxe' } },
    });
    await reset(machine, 'On');
    await until(() => hardware.guest?.name === 'agent');
    expect(attempts.map((a) => [a.device, a.nic?.id ?? null, a.mode])).toEqual([
      ['network', 'nic0', 'uefi'],
      ['network', 'nic1', 'uefi'],
    ]);
    expect(lab.ledger.list({ action: 'os.started' }).map((e) => e.detail)).toEqual([{ what: 'agent' }]);
    await reset(machine, 'GracefulShutdown');
    expect(hardware.power).toBe('off');
    expect(stopped).toEqual(['lab1']);
    await reset(machine, 'On');
    await until(() => hardware.guest !== undefined);
    await reset(machine, 'ForceOff');
    expect(stopped).toEqual(['lab1', 'lab1']);
  });
});
