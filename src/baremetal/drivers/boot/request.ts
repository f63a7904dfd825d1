import type { BootMethod, BootPayload, BootRequest, BootService } from '#contracts/boot';
import type { Clock } from '#kernel/clock';
import type { Log } from '#platform/log';
import { errors } from '../../errors.ts';
import type { AgentRecords } from '../../model/agent-records.ts';
import { capabilityOf } from '../../model/capabilities.ts';
import type { Document, Node } from '../../model/node.ts';
import type { DriverCall } from '../contract.ts';

/** What boot interfaces stand on. */
export interface BootContext {
  /** Absent: this deployment serves no boots. */
  boot?: BootService;
  records: Pick<AgentRecords, 'called' | 'ports'>;
  clock: Clock;
  log: Log;
}

/** Settings of the node that boot interfaces read. */
export const BOOT_PROPERTIES: Record<string, string> = {
  deploy_kernel: 'File of the kernel of another deploy ramdisk than the built one. Optional; with deploy_ramdisk.',
  deploy_ramdisk: 'File of its initrd.',
  rescue_kernel: 'File of the kernel of another rescue ramdisk. Optional; with rescue_ramdisk.',
  rescue_ramdisk: 'File of its initrd.',
  boot_methods:
    'Ways to boot this node, best first, as a list or with commas: virtual-media, uefi-http, ipxe, pxe. Default: boot.methods.',
  kernel_append_params: 'More kernel parameters for the ramdisk, in one line.',
};

type Purpose = Extract<BootPayload, { kind: 'ramdisk' }>['purpose'];

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** The boot service. Throws 400 with what to do where there is none. */
export function bootOf({ boot }: BootContext): BootService {
  if (boot !== undefined) return boot;
  throw errors.InvalidParameterValue(
    'This deployment serves no boots; set boot.interface, or use the boot interface external-pxe.',
  );
}

/** The node as the boot service must know it. */
export async function bootNode(context: BootContext, call: DriverCall): Promise<BootRequest['node']> {
  const { node } = call;
  const ports = await context.records.ports(node.uuid);
  const macs = ports
    .filter((port) => port['pxe_enabled'] !== false)
    .flatMap((port) => text(port['address'])?.toLowerCase() ?? []);
  const mode = capabilityOf(node, 'boot_mode') ?? (await call.interfaces.management.getBootMode(call)) ?? 'uefi';
  return {
    uuid: node.uuid,
    macs,
    bootMode: mode === 'bios' ? 'bios' : 'uefi',
    secureBoot: /^(true|1|yes|on)$/i.test(capabilityOf(node, 'secure_boot') ?? ''),
    cpuArch: text(node.properties['cpu_arch']) ?? 'x86_64',
  };
}

/** The ramdisk as the node's settings and the operation want it. */
export function ramdiskPayload(boot: BootService, call: DriverCall, parameters: Document): BootPayload {
  const purpose = purposeOf(call.purpose);
  const { driverInfo, instanceInfo } = call.node;
  const prefix = purpose === 'rescue' ? 'rescue' : 'deploy';
  const kernel = text(driverInfo[`${prefix}_kernel`]);
  const initrd = text(driverInfo[`${prefix}_ramdisk`]);
  const given = Object.entries(parameters).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' ? [[name, value]] : [],
  );
  const inspects = purpose === 'inspect' || parameters['inspect'] === true;
  const more = (text(instanceInfo['kernel_append_params']) ?? text(driverInfo['kernel_append_params']) ?? '')
    .replace('%default%', '')
    .split(/\s+/)
    .filter((word) => word !== '');
  return {
    kind: 'ramdisk',
    purpose,
    ...(kernel !== undefined && initrd !== undefined ? { kernel, initrd } : {}),
    parameters: {
      'ipa-api-url': boot.callbackUrl,
      ...(inspects ? { 'ipa-inspection-callback-url': `${boot.callbackUrl}/v1/continue_inspection` } : {}),
      ...Object.fromEntries(given),
      ...Object.fromEntries(more.map((word) => wordPair(word))),
    },
  };
}

/** Network data for a ramdisk that boots without DHCP: the node's own. */
export function networkDataOf(node: Node): Readonly<Record<string, unknown>> | undefined {
  const data = node.networkData;
  return Object.keys(data).length === 0 ? undefined : data;
}

/** Offers a boot in one way, or throws why it cannot be. */
export async function publishFor(
  context: BootContext,
  call: DriverCall,
  method: BootMethod,
  payload: BootPayload,
  loader?: 'ipxe' | 'grub',
) {
  const boot = bootOf(context);
  const networkData = networkDataOf(call.node);
  const ticket = await boot.publish(
    {
      node: await bootNode(context, call),
      payload,
      method,
      ...(loader === undefined ? {} : { loader }),
      ...(networkData === undefined ? {} : { networkData }),
    },
    call.signal,
  );
  const why = ticket.unavailable[method];
  if (why !== undefined) throw errors.InvalidParameterValue(`The node cannot boot by ${method}: ${why}.`);
  return ticket;
}

function purposeOf(purpose: string): Purpose {
  for (const known of ['clean', 'inspect', 'rescue', 'service'] as const) if (purpose.startsWith(known)) return known;
  return 'deploy';
}

function wordPair(word: string): [string, string] {
  const at = word.indexOf('=');
  return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
}
