// Real guests on emulated machines, driven through the API: one machine over Redfish, one over IPMI.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { firmwareImage } from '#lab/bmc/firmware';
import type { LabMachine } from '#lab/lab-machine';
import { type Lab, startLab } from '#lab/up';
import { ready, scratch, type Up } from '../house/ingot.ts';
import { until } from '../lab/client.ts';
import { crashGuest } from '../lab/crash-guest.ts';
import { bootIso, loaderIso, tinyGuest } from '../lab/guest.ts';
import { PASSWORD, USER } from './rack.ts';

// Firmware under emulation, on a machine others use too.
const BOOT_MS = 240_000;
const READY = /GUEST-READY firmware=(\w+) disks=\d+ from=([\w-]+)[^\n]*\n/;

interface Shown {
  uuid: string;
  provision_state: string;
  power_state: string | null;
  last_error: string | null;
  reservation: string | null;
  properties: Record<string, unknown>;
}

const place = scratch();
let lab: Lab;
let server: Up;
let web: Server;
let webUrl: string;

beforeAll(async () => {
  const [directKernel, withCrashKernel] = [await tinyGuest('disk'), await crashGuest()];
  await bootIso(join(place.path, 'bios.iso'));
  await loaderIso(join(place.path, 'unsigned.iso'));
  web = createServer((request, response) => {
    if (request.url?.endsWith('.bin')) response.end(firmwareImage('BIOS', '2.5.0'));
    else createReadStream(join(place.path, (request.url ?? '').replace(/[^\w.]/g, ''))).pipe(response);
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  webUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  lab = await startLab({
    machines: [
      {
        name: 'r',
        mode: 'bios',
        memoryMiB: 320,
        ssh: 'direct',
        secureBoot: false,
        disks: [{ bus: 'nvme', sizeBytes: 64 << 20 }],
        nics: [{}],
        directKernel,
      },
      { name: 's', mode: 'uefi', secureBoot: true, memoryMiB: 320, disks: [{ bus: 'nvme' }], nics: [] },
      {
        name: 'i',
        mode: 'bios',
        memoryMiB: 448,
        disks: [{ bus: 'nvme', sizeBytes: 1 << 30 }],
        nics: [],
        directKernel: withCrashKernel,
      },
    ],
    credentials: { name: USER, password: PASSWORD },
    control: null,
  });
  server = await ready(join(place.path, 'data'), { deadlineMs: 1_200_000 });
}, 600_000);

afterAll(async () => {
  await server?.stop();
  await lab?.close();
  web?.close();
  place[Symbol.dispose]();
});

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(server.url + path, {
    method,
    headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.95' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return (text === '' ? null : JSON.parse(text)) as T;
}

/** Does a file hold that text? */
async function holds(file: string, text: string): Promise<boolean> {
  let rest = Buffer.alloc(0);
  for await (const part of createReadStream(file, { highWaterMark: 4 << 20 })) {
    const all = Buffer.concat([rest, part as Buffer]);
    if (all.includes(text)) return true;
    rest = all.subarray(-text.length);
  }
  return false;
}

/** A machine of the lab as a node. */
class Driven {
  readonly machine: LabMachine;
  readonly uuid: string;

  private constructor(machine: LabMachine, uuid: string) {
    this.machine = machine;
    this.uuid = uuid;
  }

  static async enrol(name: string, driver: 'redfish' | 'ipmi'): Promise<Driven> {
    const machine = lab.machine(name);
    const where =
      driver === 'redfish'
        ? { redfish_address: machine.redfish.url, redfish_verify_ca: 'pin' }
        : { ipmi_address: '127.0.0.1', ipmi_port: machine.ipmi.port };
    const { uuid } = await ask<Shown>('POST', '/v1/nodes', {
      name: `${name}-${driver}`,
      driver,
      driver_info: { ...where, [`${driver}_username`]: USER, [`${driver}_password`]: PASSWORD },
      properties: { capabilities: `boot_mode:${machine.spec.firmware.mode}` },
    });
    const driven = new Driven(machine, uuid);
    await driven.put('states/provision', { target: 'manage' });
    await driven.until((node) => node.provision_state === 'manageable');
    await driven.recorded('--- recording (');
    return driven;
  }

  /** Nothing is left of an earlier attempt at the same test. */
  static async clear(name: string): Promise<void> {
    const { nodes } = await ask<{ nodes: { uuid: string; name: string | null }[] }>('GET', '/v1/nodes');
    for (const { uuid } of nodes.filter((one) => one.name?.startsWith(`${name}-`))) {
      await ask('PUT', `/v1/nodes/${uuid}/maintenance`, { reason: 'tried again' });
      await ask('DELETE', `/v1/nodes/${uuid}`);
    }
    await lab.machine(name).machine.powerOff();
  }

  get serial() {
    return this.machine.machine.serial;
  }

  put(path: string, body?: unknown) {
    return ask('PUT', `/v1/nodes/${this.uuid}/${path}`, body);
  }

  async until(isSo: (node: Shown) => boolean): Promise<Shown> {
    let node!: Shown;
    await until(async () => {
      node = await ask<Shown>('GET', `/v1/nodes/${this.uuid}`);
      if (node.last_error !== null) throw new Error(node.last_error);
      return node.reservation === null && isSo(node);
    }, BOOT_MS);
    return node;
  }

  /** One power verb, to its end. */
  async power(target: string, wanted = target.endsWith('off') ? 'power off' : 'power on') {
    this.serial.clearHistory();
    await this.put('states/power', { target, timeout: 100 });
    await this.until((node) => node.power_state === wanted);
  }

  /** Waits until the product has recorded it so often, and gives the whole recording. */
  async recorded(text: string, times = 1): Promise<string> {
    let log = '';
    await until(async () => {
      const answer = await fetch(`${server.url}/console/v1/nodes/${this.uuid}/log`);
      log = await answer.text();
      return log.split(text).length > times;
    }, BOOT_MS);
    return log;
  }

  /** What the guest says of itself: firmware and where it was started from. */
  async booted(): Promise<string[]> {
    return [...(await this.serial.waitFor(READY, BOOT_MS))].slice(1);
  }

  async clean(step: unknown) {
    await this.put('states/provision', { target: 'clean', clean_steps: [step], disable_ramdisk: true });
    await this.until((node) => node.provision_state === 'manageable');
  }
}

test.concurrent(
  'over Redfish: inspection, all power verbs, media, boot device and mode, settings and firmware',
  async () => {
    await Driven.clear('r');
    const r = await Driven.enrol('r', 'redfish');
    await r.put('states/provision', { target: 'inspect' });
    await r.until((node) => node.provision_state === 'manageable' && node.properties['cpus'] === 1);
    const { ports } = await ask<{ ports: { address: string }[] }>('GET', `/v1/ports?node=${r.uuid}`);
    expect(ports.map((one) => one.address)).toEqual(r.machine.spec.nics.map((nic) => nic.mac));

    await r.power('power on');
    expect(await r.booted()).toEqual(['bios', 'disk']);
    // the panic is in what the product recorded: over SSH here, over the same machine's IPMI next; it restarts by itself
    const panic = 'Kernel panic - not syncing: NMI';
    r.serial.clearHistory();
    await r.put('management/inject_nmi', {});
    await r.recorded(panic);
    await r.serial.waitFor(READY, BOOT_MS);
    const byIpmi = await Driven.enrol('r', 'ipmi');
    expect(await byIpmi.recorded('--- recording (IPMI SOL')).not.toContain(panic);
    r.serial.clearHistory();
    await byIpmi.put('management/inject_nmi', {});
    await byIpmi.recorded(panic);
    await r.serial.waitFor(READY, BOOT_MS);
    await ask('DELETE', `/v1/nodes/${byIpmi.uuid}`);

    // an ISO by virtual media, once; the disk again after it
    await ask('POST', `/v1/nodes/${r.uuid}/vmedia`, { device_type: 'cdrom', image_url: `${webUrl}/bios.iso` });
    await r.put('management/boot_device', { boot_device: 'cdrom', persistent: false });
    await r.power('rebooting');
    expect(await r.booted()).toEqual(['bios', 'iso']);
    await r.power('soft rebooting');
    expect(await r.booted()).toEqual(['bios', 'disk']);
    // the same for good
    await r.put('management/boot_device', { boot_device: 'cdrom', persistent: true });
    for (let boot = 0; boot < 2; boot++) {
      await r.power('rebooting');
      expect(await r.booted()).toEqual(['bios', 'iso']);
    }
    await r.put('management/boot_device', { boot_device: 'disk', persistent: true });
    await ask('DELETE', `/v1/nodes/${r.uuid}/vmedia`);
    expect(r.machine.bmc.media.list().every((slot) => slot.image === null)).toBe(true);

    // the guest shuts down cleanly: its button was pressed, the plug was not pulled
    await r.power('soft power off');
    await r.recorded('POWER-BUTTON-SEEN', 2); // the first was the soft reboot
    const off = lab.ledger.list({ machine: 'r', action: 'power.off', kind: 'event' }).at(-1);
    expect(off?.caller).toMatchObject({ channel: 'guest' });

    // settings and firmware take their restarts and are read back
    await r.power('power on');
    const { bios } = await ask<{ bios: { name: string; value: string; allowable_values: string[] | null }[] }>(
      'GET',
      `/v1/nodes/${r.uuid}/bios?detail=true`,
    );
    const choice = bios.find((one) => (one.allowable_values?.length ?? 0) > 1 && one.name !== 'BootMode');
    const value = choice?.allowable_values?.find((one) => one !== choice.value);
    await r.clean({
      interface: 'bios',
      step: 'apply_configuration',
      args: { settings: [{ name: choice?.name, value }] },
    });
    const after = await ask<Record<string, { value: string }>>('GET', `/v1/nodes/${r.uuid}/bios/${choice?.name}`);
    expect(after[choice?.name ?? '']?.value).toBe(value);
    const settings = [{ component: 'bios', url: `${webUrl}/bios.bin` }];
    await r.clean({ interface: 'firmware', step: 'update', args: { settings } });
    expect(r.machine.bmc.firmware.version('BIOS')).toBe('2.5.0');
    const { firmware } = await ask<{ firmware: { component: string; current_version: string }[] }>(
      'GET',
      `/v1/nodes/${r.uuid}/firmware`,
    );
    expect(firmware.find((one) => one.component === 'bios')?.current_version).toBe('2.5.0');
    await r.power('power off');

    // UEFI from now on: last, since each of its starts costs as much as three of the others
    await r.put('states/boot_mode', { target: 'uefi' });
    await r.power('power on');
    expect(await r.booted()).toEqual(['uefi', 'disk']);
    await r.power('power off');
  },
  10 * BOOT_MS,
);

test.concurrent(
  'Secure Boot refuses an unsigned loader, and without it the loader starts',
  async () => {
    await Driven.clear('s');
    const s = await Driven.enrol('s', 'redfish');
    await ask('POST', `/v1/nodes/${s.uuid}/vmedia`, { device_type: 'cdrom', image_url: `${webUrl}/unsigned.iso` });
    await s.put('management/boot_device', { boot_device: 'cdrom', persistent: true });
    await s.put('states/secure_boot', { target: true });
    await s.power('power on');
    await s.serial.waitFor(/failed to load .*DVD-ROM.*Access Denied/, BOOT_MS);
    await s.power('power off');
    await s.put('states/secure_boot', { target: false });
    await s.power('power on');
    await s.serial.waitFor(/BdsDxe: starting .*DVD-ROM/, BOOT_MS);
    await s.power('power off');
  },
  5 * BOOT_MS,
);

test.concurrent(
  'over IPMI: all power verbs, and a panic that leaves a dump on the disk',
  async () => {
    await Driven.clear('i');
    const i = await Driven.enrol('i', 'ipmi');
    await i.power('power on');
    expect(await i.booted()).toEqual(['bios', 'disk']);
    await i.power('soft rebooting');
    expect(await i.booted()).toEqual(['bios', 'disk']);
    await i.power('rebooting');
    expect(await i.booted()).toEqual(['bios', 'disk']);
    expect(i.serial.history).toContain('CRASH-KERNEL-ARMED');
    await i.put('management/inject_nmi', {});
    await i.serial.waitFor(/DUMP-ON-DISK/, BOOT_MS);
    await until(() => i.machine.machine.power === 'off', BOOT_MS);
    const disk = await open(join(lab.dir, 'i', 'nvme0.raw'));
    const head = Buffer.alloc(20);
    await disk.read(head, 0, 20, 0);
    await disk.close();
    // an ELF core file of x86-64: type 4, machine 62
    expect([head.toString('latin1', 1, 4), head.readUInt16LE(16), head.readUInt16LE(18)]).toEqual(['ELF', 4, 62]);
    // from within the NMI the kernel's last words reach its memory, no longer its console
    expect(await holds(join(lab.dir, 'i', 'nvme0.raw'), 'Kernel panic - not syncing: NMI')).toBe(true);
    // one press of the button: the guest goes by itself
    await i.power('power on');
    await i.booted();
    await i.power('soft power off');
    expect(await i.recorded('POWER-BUTTON-SEEN', 2)).toContain('CRASH-KERNEL-ARMED');
  },
  10 * BOOT_MS,
);
