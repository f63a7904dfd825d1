import type { BootMethod } from '#contracts/boot';
import type { Document } from '../../model/node.ts';
import type { BootInterface, DriverCall } from '../contract.ts';
import { type BootPath, httpPath, ipxePath, pxePath, redfishHttpPath, virtualMediaPath } from './paths.ts';
import { BOOT_PROPERTIES, type BootContext, bootNode, bootOf } from './request.ts';
import { errors as bootErrors } from './errors.ts';
import { afterBoot, nextPath, NOTE, noteOf, openNote, tried } from './order.ts';

/** Interfaces that boot in one way, as Ironic names them. */
const SINGLE: Readonly<Record<string, BootPath>> = {
  ipxe: ipxePath,
  pxe: pxePath,
  'http-ipxe': httpPath('ipxe'),
  http: httpPath('grub'),
  'redfish-virtual-media': virtualMediaPath,
  'redfish-https': redfishHttpPath,
};

/** Paths of the interface that chooses by itself. */
const BY_METHOD: Readonly<Record<BootMethod, BootPath>> = {
  'virtual-media': virtualMediaPath,
  'uefi-http': httpPath(undefined),
  ipxe: ipxePath,
  pxe: pxePath,
};

/** All boot interfaces that stand on the boot service. */
export function bootInterfaces(context: BootContext): ReadonlyMap<string, BootInterface> {
  const single = Object.entries(SINGLE).map(([name, path]) => bootBy(context, name, path));
  return new Map([...single, autoBoot(context)].map((one) => [one.name, one]));
}

/** What is the same whichever way the ramdisk comes. */
function common(
  context: BootContext,
): Pick<BootInterface, 'properties' | 'validate' | 'prepareInstance' | 'cleanUpInstance'> {
  return {
    properties: BOOT_PROPERTIES,
    validate: () => void bootOf(context),
    /** From its own disk; who still asks the network is told to go there. */
    async prepareInstance(call) {
      const boot = bootOf(context);
      await boot.publish({ node: await bootNode(context, call), payload: { kind: 'disk' } }, call.signal);
      await call.interfaces.management.setBootDevice(call, 'disk', true);
    },
    cleanUpInstance: async (call) => bootOf(context).withdraw(call.node.uuid),
  };
}

function bootBy(context: BootContext, name: string, path: BootPath): BootInterface {
  return {
    name,
    ...common(context),
    prepareRamdisk: async (call, parameters) => {
      call.notes.internal({ [NOTE]: { method: path.method, interface: name } });
      await path.prepare(context, call, parameters);
    },
    async cleanUpRamdisk(call) {
      await path.cleanUp(call);
      await bootOf(context).withdraw(call.node.uuid);
    },
  };
}

/**
 * The best way the machine has, in the order of `boot.methods`. A way its BMC refuses is passed over at once; one
 * that did not bring the ramdisk up is passed over the next time. What was tried, and why not, is kept on the node.
 */
function autoBoot(context: BootContext): BootInterface {
  return {
    name: 'auto',
    ...common(context),
    async prepareRamdisk(call, parameters) {
      const { available, unavailable } = await bootOf(context).methods();
      const reasons: Record<string, string> = { ...unavailable };
      let failure: unknown;
      for (const method of nextPath(call.node, available, reasons)) {
        try {
          await BY_METHOD[method].prepare(context, call, parameters);
          call.notes.internal({ [NOTE]: openNote(call.node, method, reasons, context.clock.now()) });
          return;
        } catch (error) {
          if (call.signal.aborted) throw error;
          failure = error;
          reasons[method] = error instanceof Error ? error.message : String(error);
          context.log.warn(
            { node: call.node.uuid, method, err: error },
            'the machine cannot boot in this way; trying the next',
          );
          await BY_METHOD[method].cleanUp(call).catch(() => {});
        }
      }
      call.notes.internal({ [NOTE]: openNote(call.node, null, reasons, context.clock.now()) });
      throw noWay(reasons, failure);
    },
    async cleanUpRamdisk(call) {
      const boot = bootOf(context);
      const method = tried(call.node);
      if (method !== null) {
        call.notes.internal({ [NOTE]: afterBoot(call.node, await cameUp(context, call)) });
        await BY_METHOD[method].cleanUp(call);
      }
      await boot.withdraw(call.node.uuid);
    },
  };
}

/** Did the machine get as far as the ramdisk? Its agent called, or it fetched all of the initrd. */
async function cameUp(context: BootContext, call: DriverCall): Promise<boolean> {
  if ((await context.records.of(call.node)) !== undefined) return true;
  const since = Number(noteOf(call.node)['at']);
  const seen = await bootOf(context).sightings(call.node.uuid, Number.isFinite(since) ? since : 0);
  return seen.some((one) => one.what === 'GET initrd');
}

function noWay(reasons: Readonly<Document>, cause: unknown): Error {
  const said = Object.entries(reasons).map(([method, why]) => `${method}: ${String(why)}`);
  return bootErrors.BootNoWay(said.join('; ') || 'no way to boot is set up', { cause });
}
