import type { InspectionReport } from '#agent-api/inventory';
import { IngotError, messageOf } from '#kernel/errors';
import type { Tools } from './commands/command.ts';
import { isObject } from './commands/parameters.ts';
import { chooseRootDisk, hintsOf } from './disks/hints.ts';
import { errors } from './errors.ts';
import { askJson, type Trust } from './http/request.ts';
import { listDisks, forInventory } from './inventory/disks.ts';
import { readDmi, readInventory } from './inventory/inventory.ts';
import { listenForNeighbours } from './inventory/lldp.ts';
import { listPci, listUsb, readNuma } from './inventory/topology.ts';
import { collectLogs } from './logs.ts';
import { MANAGER } from './generic-hardware.ts';

const TRIES = 5;

/** Makes the report of an inspection with the collectors that were asked for. Parts that fail are left out. */
export async function inspectMachine(tools: Tools): Promise<InspectionReport> {
  const { machine, parameters, log, clock } = tools;
  const wants = (name: string) => parameters.collectors.includes(name);
  const inventory = await readInventory(machine, parameters);
  const lldp = parameters.collectLldp || wants('lldp');
  const [pci, usb, numa, dmi, heard] = await Promise.all([
    wants('pci-devices') ? listPci(machine) : undefined,
    wants('usb-devices') ? listUsb(machine) : undefined,
    wants('numa-topology') ? readNuma(machine) : undefined,
    wants('dmi-decode') ? readDmi(machine) : undefined,
    lldp ? listenForNeighbours(machine, withCarrier(inventory.interfaces)) : undefined,
  ]);
  const report: InspectionReport = {
    inventory: {
      ...inventory,
      interfaces: inventory.interfaces.map((nic) => ({ ...nic, lldp: heard?.[nic.name] ?? nic.lldp })),
    },
    root_disk: null,
    boot_interface: parameters.bootMac,
    configuration: { collectors: parameters.collectors, managers: [MANAGER] },
    ...(pci === undefined ? {} : { pci_devices: pci }),
    ...(usb === undefined ? {} : { usb_devices: usb }),
    ...(numa === undefined ? {} : { numa_topology: numa }),
    ...(dmi === undefined ? {} : { dmi }),
    ...(heard === undefined ? {} : { lldp_raw: heard }),
  };
  try {
    report.root_disk = forInventory(chooseRootDisk(await listDisks(machine), hintsOf(tools.node())));
  } catch (error) {
    log.warn('no root disk', { error: messageOf(error) });
  }
  if (wants('logs')) report.logs = (await collectLogs(machine, log, clock)).toString('base64');
  return report;
}

const withCarrier = (nics: readonly { name: string; has_carrier: boolean }[]) =>
  nics.filter((nic) => nic.has_carrier).map((nic) => nic.name);

/**
 * Inspects and reports, where the command line names an address to report to. Gives the node's UUID when the
 * answer named it. A report nobody takes is logged, not thrown: the agent is still of use.
 */
export async function inspectIfAsked(tools: Tools, trust: Trust): Promise<string | null> {
  const { parameters, clock, log, random } = tools;
  const url = parameters.inspectionUrl;
  if (url === null) return null;
  const report = await inspectMachine(tools);
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    try {
      const answer = await askJson({ method: 'POST', url, json: report, trust, totalMs: 60_000, clock });
      if (answer.status === 200 || answer.status === 202) {
        const uuid = isObject(answer.body) ? answer.body['uuid'] : undefined;
        return typeof uuid === 'string' ? uuid : null;
      }
      const error = errors.RequestFailed('The inspection report', `status ${answer.status}`);
      // Only a lock or a server in trouble is worth another try.
      if (answer.status !== 409 && answer.status < 500) throw error;
      log.warn('the inspection report was not taken', { attempt, status: answer.status });
    } catch (error) {
      log.warn('the inspection report was not taken', { attempt, error: messageOf(error) });
      if (error instanceof IngotError && error.message.startsWith('The inspection report')) return null;
    }
    if (attempt < TRIES) await clock.sleep(Math.min(30_000, 5000 * 2 ** (attempt - 1)) * (0.75 + random.next() / 2));
  }
  return null;
}
