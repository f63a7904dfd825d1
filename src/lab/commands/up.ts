import { readFile } from 'node:fs/promises';
import type { MachineWish } from '../machine/spec.ts';
import { type LabIo, type LabOptionValues, numberOption, passwordOption, textOption } from '../command.ts';
import { errors } from '../errors.ts';

/** `ingot lab up`: runs until the signal. */
export async function up(options: LabOptionValues, io: LabIo): Promise<void> {
  const kind = textOption(options, 'kind');
  if (kind !== 'emulated' && kind !== 'simulated') throw errors.LabBadSpec(`--kind ${kind}`);
  const credentials = {
    name: textOption(options, 'user') ?? 'admin',
    password: (await passwordOption(options, 'password')).reveal(),
  };
  const enrol = textOption(options, 'enrol');
  const machines = wishes(options, enrol === undefined ? undefined : await readFile(enrol, 'utf8'));
  const address = textOption(options, 'address') ?? '127.0.0.1';
  const redfishPort = numberOption(options, 'redfishPort');
  const ipmiPort = numberOption(options, 'ipmiPort');
  const controlPort = numberOption(options, 'control');
  const dir = textOption(options, 'dir');
  const kept = dir === undefined ? {} : { dir };
  if (kind === 'simulated') {
    const { startLab } = await import('../up.ts');
    const place = (i: number) => ({
      address,
      redfishPort: redfishPort && redfishPort + i,
      ipmiPort: ipmiPort && ipmiPort + i,
    });
    await using lab = await startLab({ machines, kind, credentials, place, control: controlPort, ...kept });
    io.write(
      greeting(
        lab.machines.map((m) => m.describe()),
        lab.controlUrl ?? '',
      ),
    );
    await interrupted(io.signal);
    return;
  }
  const { startRack } = await import('../outside.ts');
  await using rack = await startRack({
    machines,
    credentials,
    address,
    redfishPort,
    ipmiPort,
    controlPort,
    inside: io.inside,
    ...kept,
  });
  io.write(greeting(rack.machines, rack.controlUrl));
  io.write(
    `The rack's network is a namespace of its own: nsenter -t ${rack.pid} -U -n --preserve-credentials goes in.\n` +
      `Its switch is an Open vSwitch, on whose ports the machines are:\n  ingot switch add NAME --driver ovs --address ${rack.switch.ovsdb} --chassis-id ${rack.switch.chassisId} --option bridge=${rack.switch.bridge}\n`,
  );
  await Promise.race([interrupted(io.signal), rack.ended]);
}

function wishes(options: LabOptionValues, certificate: string | undefined): MachineWish[] {
  const mode = textOption(options, 'mode');
  if (mode !== 'uefi' && mode !== 'bios') throw errors.LabBadSpec(`--mode ${mode}`);
  return Array.from({ length: numberOption(options, 'machines', 1) }, (_, i) => ({
    name: `lab${i + 1}`,
    mode,
    memoryMiB: numberOption(options, 'memory', 64),
    cpus: numberOption(options, 'cpus', 1),
    secureBoot: options['secureBoot'] === true || certificate !== undefined,
    ...(certificate === undefined ? {} : { certificates: [certificate] }),
    tpm: options['tpm'] === true,
    vnc: options['vnc'] === true,
    ...(options['kind'] === 'simulated' ? {} : { ssh: 'direct' as const }),
  }));
}

function greeting(machines: readonly Record<string, unknown>[], controlUrl: string): string {
  const shown = machines.slice(0, 20).map((m) => {
    const ipmi = m['ipmi'] as { address: string; port: number };
    return `  ${m['name']}  Redfish ${m['redfish']}  IPMI ${ipmi.address}:${ipmi.port}${m['serialSocket'] === null ? '' : `  serial ${m['serialSocket']}`}`;
  });
  const more = machines.length > 20 ? [`  and ${machines.length - 20} more`] : [];
  return [
    `${machines.length} machines, all off:`,
    ...shown,
    ...more,
    `Control API: ${controlUrl} (ingot lab status, fault, quirk, ledger)`,
    '',
  ].join('\n');
}

/** Resolves when the person has had enough. */
export function interrupted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
