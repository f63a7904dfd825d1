import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, startLab } from '../../src/lab/up.ts';
import type { LabMachine } from '../../src/lab/lab-machine.ts';
import { ask, ipmitool, reset, SYSTEM, until } from './client.ts';
import { GuestShell } from './guest-shell.ts';
import { bootIso, tinyGuest } from './guest.ts';

// Times of real firmware under emulation, on a machine others use too: four times what was measured.
const BOOT_MS = 60_000;
// The whole line: a serial line arrives in pieces.
const READY = /GUEST-READY firmware=(\w+) disks=(\d+) from=([\w-]+)[^\n]*\n/;

let lab: Lab;
let work: string;
let media: Server;

const ready = (machine: LabMachine) => machine.machine.serial.waitFor(READY, BOOT_MS);

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'ilt-'));
  const directKernel = await tinyGuest('disk');
  const disks = [
    { bus: 'nvme' as const, sizeBytes: 64 << 20 },
    { bus: 'sata' as const, sizeBytes: 64 << 20, raid: true },
    { bus: 'sata' as const, sizeBytes: 64 << 20, raid: true },
  ];
  lab = await startLab({
    machines: [
      { name: 'bios', mode: 'bios', memoryMiB: 256, disks, directKernel, vnc: true },
      {
        name: 'uefi',
        mode: 'uefi',
        memoryMiB: 320,
        secureBoot: true,
        tpm: true,
        disks: [{ bus: 'nvme', sizeBytes: 64 << 20 }],
        nics: [{}],
        directKernel,
      },
    ],
  });
  await bootIso(join(work, 'boot.iso'));
  media = createServer((_request, response) => createReadStream(join(work, 'boot.iso')).pipe(response));
  await new Promise<void>((resolve) => media.listen(0, '127.0.0.1', resolve));
}, 120_000);

afterAll(async () => {
  await lab.close();
  media.close();
  await rm(work, { recursive: true, force: true });
});

describe('an emulated machine over Redfish', () => {
  it(
    'goes on, shuts down when asked, and is off',
    async () => {
      const machine = lab.machine('bios');
      const { serial } = machine.machine;
      expect((await reset(machine, 'On')).status).toBe(204);
      expect((await ready(machine))[1]).toBe('bios');
      expect((await ask(machine, 'GET', SYSTEM)).json.PowerState).toBe('On');
      expect((await reset(machine, 'GracefulShutdown')).status).toBe(204);
      await serial.waitFor(/POWER-BUTTON-SEEN/, 20_000);
      await until(async () => (await ask(machine, 'GET', SYSTEM)).json.PowerState === 'Off');
      // The ledger hears of it from QEMU, a moment after the BMC does.
      const off = () => lab.ledger.list({ machine: 'bios', action: 'power.off', kind: 'event' }).at(-1);
      await until(async () => off() !== undefined);
      expect(off()?.caller).toMatchObject({ channel: 'guest', address: 'guest' });
    },
    2 * BOOT_MS,
  );

  it(
    'panics on an NMI, and comes back by its own reset',
    async () => {
      const machine = lab.machine('bios');
      const { serial } = machine.machine;
      serial.clearHistory();
      await reset(machine, 'On');
      await ready(machine);
      serial.clearHistory();
      expect((await reset(machine, 'Nmi')).status).toBe(204);
      await serial.waitFor(/Kernel panic - not syncing: NMI/, 20_000);
      serial.clearHistory();
      await ready(machine);
      expect(lab.ledger.list({ machine: 'bios', action: 'boot.guest-reset' })).toHaveLength(1);
    },
    2 * BOOT_MS,
  );

  it(
    'boots an inserted ISO once, then the disk again, and shows volumes as disks',
    async () => {
      const machine = lab.machine('bios');
      const { serial } = machine.machine;
      const image = `http://127.0.0.1:${(media.address() as AddressInfo).port}/boot.iso`;
      const cd = '/redfish/v1/Managers/BMC/VirtualMedia/Cd';
      expect(
        (await ask(machine, 'POST', `${cd}/Actions/VirtualMedia.InsertMedia`, { body: { Image: image } })).status,
      ).toBe(204);
      const boot = { BootSourceOverrideEnabled: 'Once', BootSourceOverrideTarget: 'Cd' };
      expect((await ask(machine, 'PATCH', SYSTEM, { body: { Boot: boot } })).status).toBe(200);
      const drives = ['sata1', 'sata2'].map((id) => ({ '@odata.id': `${SYSTEM}/Storage/RAID/Drives/${id}` }));
      const made = await ask(machine, 'POST', `${SYSTEM}/Storage/RAID/Volumes`, {
        body: { RAIDType: 'RAID1', Links: { Drives: drives } },
      });
      expect(made.status).toBe(202);
      await until(() => machine.bmc.storage.volumes().length === 1);
      serial.clearHistory();
      await reset(machine, 'ForceRestart');
      expect([...(await ready(machine))].slice(1)).toEqual(['bios', '1', 'iso']); // the cloud kernel sees NVMe only
      expect((await ask(machine, 'GET', SYSTEM)).json.Boot.BootSourceOverrideEnabled).toBe('Disabled');
      expect(machine.bmc.lastPlan?.disks.map((d) => d.id)).toEqual(['vol1', 'nvme0']);
      await ask(machine, 'POST', `${cd}/Actions/VirtualMedia.EjectMedia`, { body: {} });
      expect((await ask(machine, 'GET', cd)).json.Inserted).toBe(false);
      serial.clearHistory();
      await reset(machine, 'PowerCycle');
      expect((await ready(machine))[3]).toBe('disk');
      expect((await reset(machine, 'ForceOff')).status).toBe(204);
    },
    3 * BOOT_MS,
  );
});

describe('disks of an emulated machine', () => {
  it(
    'fail, take no writes, or take their time, from the next start on',
    async () => {
      const machine = lab.machine('bios');
      const { serial } = machine.machine;
      /** Writes some MiB to the medium; says whether that was done, and how long it took. */
      const writes = async () => {
        serial.clearHistory();
        await reset(machine, 'On');
        await ready(machine);
        const shell = new GuestShell(`${machine.dir}/serial`);
        await shell.ready();
        const write = 'dd if=/dev/zero of=/dev/nvme0n1 bs=1M count=4 conv=fsync 2>&1 && echo wr""itten';
        const from = performance.now();
        const said = await shell.do(write, BOOT_MS);
        shell.end();
        await reset(machine, 'ForceOff');
        return { said, ms: performance.now() - from };
      };
      await reset(machine, 'ForceOff');
      for (const fault of ['failing-disk', 'read-only-disk']) {
        machine.fault(fault);
        const { said } = await writes();
        expect(said, fault).toMatch(/error|read-only/i);
        expect(said, fault).not.toContain('written');
        machine.heal(fault);
      }
      machine.fault('slow-disk', { bytesPerSecond: 1024 ** 2 });
      const slow = await writes();
      expect(slow.said).toContain('written');
      expect(slow.ms).toBeGreaterThan(2_500);
      machine.heal();
      expect((await writes()).said).toContain('written');
    },
    6 * BOOT_MS,
  );
});

describe('an emulated machine over IPMI', () => {
  it(
    'obeys every power verb of ipmitool, boots UEFI with Secure Boot as told, and carries serial over LAN',
    async () => {
      const machine = lab.machine('uefi');
      const { serial } = machine.machine;
      await ask(machine, 'PATCH', `${SYSTEM}/SecureBoot`, { body: { SecureBootEnable: false } });
      expect((await ipmitool(machine, ['chassis', 'power', 'on'])).stdout).toContain('Up/On');
      expect((await ready(machine))[1]).toBe('uefi');
      expect((await ipmitool(machine, ['chassis', 'power', 'status'])).stdout).toContain('is on');
      serial.clearHistory();
      expect((await ipmitool(machine, ['chassis', 'power', 'diag'])).stdout).toContain('Diag');
      await serial.waitFor(/Kernel panic - not syncing: NMI/, 20_000);
      // the mode is obeyed: a legacy boot device over IPMI starts BIOS firmware, once
      await ipmitool(machine, ['chassis', 'bootdev', 'disk']);
      serial.clearHistory();
      await ipmitool(machine, ['chassis', 'power', 'reset']);
      expect((await ready(machine))[1]).toBe('bios');
      serial.clearHistory();
      await ipmitool(machine, ['chassis', 'power', 'soft']);
      await serial.waitFor(/POWER-BUTTON-SEEN/, 20_000);
      await until(async () => (await ipmitool(machine, ['chassis', 'power', 'status'])).stdout.includes('is off'));
    },
    4 * BOOT_MS,
  );
});
