import type { Document } from '../../model/node.ts';
import type { DriverCall, InspectInterface, InspectionResult, Wait } from '../contract.ts';
import type { AgentContext } from './context.ts';
import { errors } from './errors.ts';
import { leaveRamdisk, startRamdisk } from './ramdisk.ts';

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
const MOST_PORTS = 64;

/** What a ramdisk reported, as an inspection. Names and shapes are the ramdisk's: nothing of it is trusted. */
export function readReport(inventory: Document, pluginData: Document): InspectionResult {
  const nics = Array.isArray(inventory['interfaces']) ? (inventory['interfaces'] as unknown[]) : [];
  const booted = bootMac(pluginData['boot_interface'] ?? (inventory['boot'] as Document | null)?.['pxe_interface']);
  const ports = nics.slice(0, MOST_PORTS).flatMap((one) => {
    const nic = (typeof one === 'object' && one !== null ? one : {}) as Document;
    const address = String(nic['mac_address'] ?? '').toLowerCase();
    if (!MAC.test(address)) return [];
    return [{ address, ...(booted === undefined ? {} : { pxeEnabled: address === booted }) }];
  });
  return { inventory, pluginData, properties: propertiesOf(inventory, pluginData), ports };
}

/** `01-52-54-…` as PXE writes it, or a plain MAC. */
function bootMac(value: unknown): string | undefined {
  const text = String(value ?? '')
    .toLowerCase()
    .replaceAll('-', ':');
  const mac = text.length === 20 && text.startsWith('01:') ? text.slice(3) : text;
  return MAC.test(mac) ? mac : undefined;
}

function propertiesOf(inventory: Document, pluginData: Document): Document {
  const out: Document = {};
  const cpu = (inventory['cpu'] ?? {}) as Document;
  const memory = (inventory['memory'] ?? {}) as Document;
  const positive = (value: unknown) =>
    Number.isSafeInteger(Number(value)) && Number(value) > 0 ? Number(value) : undefined;
  const cpus = positive(cpu['count']);
  if (cpus !== undefined) out['cpus'] = cpus;
  if (typeof cpu['architecture'] === 'string') out['cpu_arch'] = cpu['architecture'].slice(0, 40);
  const megabytes = positive(memory['physical_mb']) ?? positive(Math.trunc(Number(memory['total']) / 1024 ** 2));
  if (megabytes !== undefined) out['memory_mb'] = megabytes;
  const root = (pluginData['root_disk'] ?? {}) as Document;
  const size = positive(root['size']);
  // one gigabyte is left for partition tables and the like, as Ironic does
  if (size !== undefined) out['local_gb'] = Math.max(0, Math.trunc(size / 1024 ** 3) - 1);
  return out;
}

/** When the machine was told to boot the ramdisk, milliseconds since the epoch. */
const ASKED = 'inspection_asked_at';

async function begin(context: AgentContext, call: DriverCall): Promise<Wait> {
  call.notes.internal({ [ASKED]: context.clock.now() });
  return await startRamdisk(context, call, 'inspection');
}

/** In band: the ramdisk looks at the machine from within and reports by `continue_inspection`. */
export function agentInspect(context: AgentContext): InspectInterface {
  return {
    name: 'agent',
    properties: {},
    validate: () => {},
    inspect: (call) => begin(context, call),
    async collect(call) {
      const asked = Number(call.node.driverInternalInfo[ASKED]);
      // What an earlier inspection left behind tells nothing of this one.
      const report = await context.records.report(
        call.node.uuid,
        Number.isFinite(asked) ? context.clock.now() - asked : null,
      );
      if (report === undefined) {
        if ((await context.records.of(call.node)) !== undefined) throw errors.AgentAbsent(call.node.uuid);
        return await begin(context, call);
      }
      call.notes.internal({ [ASKED]: undefined });
      const { error } = report.pluginData;
      if (typeof error === 'string' && error !== '')
        throw errors.AgentCommandFailed('inspection', error.slice(0, 2000));
      await leaveRamdisk(call);
      return readReport(report.inventory, report.pluginData);
    },
    async abort(call) {
      call.notes.internal({ [ASKED]: undefined });
      await leaveRamdisk(call);
    },
  };
}
