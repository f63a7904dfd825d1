import type { BootMethod } from '#contracts/boot';
import type { Document } from '../../model/node.ts';
import type { BootInterface, DriverCall, InstancePayload } from '../contract.ts';
import { type BootPath, httpPath, ipxePath, pxePath, redfishHttpPath, virtualMediaPath } from './paths.ts';
import { BOOT_PROPERTIES, type BootContext, bootNode, bootOf, ramdiskPayload } from './request.ts';
import { errors as bootErrors } from './errors.ts';
import {
  afterBoot,
  givenUp,
  ignored,
  ignoresOnce,
  nextPath,
  NOTE,
  noteOf,
  openNote,
  orderFor,
  othersOf,
  staysSet,
  tried,
  triedWays,
  unknownMethods,
} from './order.ts';
import { bootStory } from '../../model/boot-story.ts';
import { errors } from '../../errors.ts';

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

/** Where it stands by which way the instance, or an installer, boots that is not on the disk. */
const INSTANCE_NOTE = 'instance_boot_path';

type Way = readonly [BootMethod, BootPath];

/** What is the same whichever way the ramdisk comes. `ways`: in which an instance can boot that is not on the disk. */
function common(
  context: BootContext,
  ways: (call: DriverCall) => Promise<readonly Way[]>,
): Pick<BootInterface, 'properties' | 'validate' | 'prepareInstance' | 'cleanUpInstance'> {
  const takeBack = async (call: DriverCall): Promise<void> => {
    const method = call.node.driverInternalInfo[INSTANCE_NOTE] as BootMethod | undefined;
    if (method === undefined) return;
    await BY_METHOD[method]?.cleanUp(call);
    call.notes.internal({ [INSTANCE_NOTE]: undefined });
  };
  return {
    properties: BOOT_PROPERTIES,
    validate: () => void bootOf(context),
    async prepareInstance(call, payload) {
      const boot = bootOf(context);
      if (payload !== undefined) return await bootPayload(context, call, payload, await ways(call));
      // From its own disk; who still asks the network is told to go there.
      await takeBack(call);
      await boot.publish({ node: await bootNode(context, call), payload: { kind: 'disk' } }, call.signal);
      await toDisk(call);
    },
    async cleanUpInstance(call) {
      await takeBack(call);
      await bootOf(context).withdraw(call.node.uuid);
    },
  };
}

/** Boots what is not on the disk in the first way that takes it. Throws BootNoWay with what each said. */
async function bootPayload(
  context: BootContext,
  call: DriverCall,
  payload: InstancePayload,
  ways: readonly Way[],
): Promise<void> {
  const reasons: Document = {};
  // An installer starts once: the machine then boots what it installed.
  const persistent = payload.kind === 'iso' || payload.kickstart === undefined;
  for (const [method, path] of ways) {
    try {
      await path.prepare(context, call, { payload, persistent });
      call.notes.internal({ [INSTANCE_NOTE]: method });
      return;
    } catch (error) {
      call.signal.throwIfAborted();
      reasons[method] = error instanceof Error ? error.message : String(error);
      await path.cleanUp(call).catch(() => {});
      if (ways.length === 1) throw error;
    }
  }
  throw noWay(reasons, undefined);
}

function bootBy(context: BootContext, name: string, path: BootPath): BootInterface {
  return {
    name,
    ...common(context, async () => [[path.method, path]]),
    prepareRamdisk: async (call, parameters) => {
      const at = context.clock.now();
      call.notes.internal({ [NOTE]: { ...openNote(call.node, path.method, {}, at), interface: name } });
      const payload = ramdiskPayload(bootOf(context), call, parameters);
      await path.prepare(context, call, { payload, persistent: ignoresOnce(call.node, at) });
    },
    async cleanUpRamdisk(call) {
      await path.cleanUp(call);
      await backToDisk(call);
      await bootOf(context).withdraw(call.node.uuid);
    },
    ...watch(context),
  };
}

/**
 * The best way the machine has, in the order of `boot.methods` or of its own `boot_methods`. A way its BMC refuses is
 * passed over at once; one that did not bring the ramdisk up is given up for the next in the same operation, and
 * passed over for a day. What was tried, and why not, is kept on the node.
 */
function autoBoot(context: BootContext): BootInterface {
  return {
    name: 'auto',
    ...common(context, async (call) => {
      const { available } = await bootOf(context).methods();
      const ways = nextPath(call.node, orderFor(call.node, available), {}, context.clock.now());
      return ways.map((method) => [method, BY_METHOD[method]]);
    }),
    validate(node) {
      bootOf(context);
      const [unknown] = unknownMethods(node);
      if (unknown !== undefined)
        throw errors.InvalidParameterValue(
          `boot_methods in driver_info names ${JSON.stringify(unknown.slice(0, 40))}; there are virtual-media, uefi-http, ipxe and pxe.`,
        );
    },
    async prepareRamdisk(call, parameters) {
      const { available, unavailable } = await bootOf(context).methods();
      const reasons: Record<string, string> = { ...unavailable };
      const order = orderFor(call.node, available);
      for (const method of available)
        if (!order.includes(method)) reasons[method] = "it is not in the node's own boot_methods";
      const ways = nextPath(call.node, order, reasons, context.clock.now());
      let failure: unknown;
      for (const [at, method] of ways.entries()) {
        try {
          const payload = ramdiskPayload(bootOf(context), call, parameters);
          const now = context.clock.now();
          await BY_METHOD[method].prepare(context, call, { payload, persistent: ignoresOnce(call.node, now) });
          const others = ways.slice(at + 1);
          call.notes.internal({ [NOTE]: openNote(call.node, method, reasons, context.clock.now(), others) });
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
        const worked = await cameUp(context, call);
        await backToDisk(call);
        call.notes.internal({ [NOTE]: afterBoot(call.node, worked, context.clock.now()) });
        await BY_METHOD[method].cleanUp(call);
      }
      await boot.withdraw(call.node.uuid);
    },
    ...watch(context),
  };
}

/** From now on the machine starts from its disk. */
async function toDisk(call: DriverCall): Promise<void> {
  const { management } = call.interfaces;
  if ((await management.leaveBootToFirmware?.(call)) !== true) await management.setBootDevice(call, 'disk', true);
}

/** A machine that was told a boot device that stays goes back to its disk. */
async function backToDisk(call: DriverCall): Promise<void> {
  if (staysSet(call.node)) await toDisk(call);
}

/** What to do about a machine that does not come up. */
const watch = (context: BootContext): Required<Pick<BootInterface, 'patienceMs' | 'giveUp'>> => ({
  patienceMs: (call) =>
    othersOf(call.node).length > 0 || !staysSet(call.node) ? bootOf(context).attemptMs : undefined,
  giveUp: (call) => giveUp(context, call),
});

/** A machine that reads kernel, initrd or medium gets some more time, but not for ever. */
const READING_MS = 60_000;
const READING_SHARE = 3;

async function giveUp(context: BootContext, call: DriverCall): ReturnType<NonNullable<BootInterface['giveUp']>> {
  const method = tried(call.node);
  if (method === null) return undefined;
  const boot = bootOf(context);
  const now = context.clock.now();
  const since = Number(noteOf(call.node)['at']) || now;
  const sightings = await boot.sightings(call.node.uuid, since);
  const reading = sightings.some(
    (one) => /^GET (kernel|initrd|boot\.iso)/.test(one.what) && now - Date.parse(one.at) < READING_MS,
  );
  if (reading && now - since < boot.attemptMs * READING_SHARE) return { kind: 'busy', forMs: READING_MS };
  const ports = await context.records.ports(call.node.uuid);
  const { stage, summary } = bootStory({
    bootInterface: 'auto',
    note: noteOf(call.node),
    sightings,
    agentCalled: false,
    macs: ports.flatMap((port) => (typeof port['address'] === 'string' ? [port['address']] : [])),
    powerState: call.node.powerState,
  });
  const others = othersOf(call.node);
  const minutes = Math.max(1, Math.round((now - since) / 60_000));
  // An address alone may be that of the system on its disk.
  const bootedElse = stage === 'nothing' || stage === 'address';
  if (bootedElse && !staysSet(call.node) && (await isUsedUp(call))) {
    call.notes.internal(ignored(call.node, now));
    await takeBack(context, call, method);
    return {
      kind: 'next',
      said:
        `The machine did not come up by ${method} in ${minutes} min: it used the one-time boot up and booted something ` +
        `else. ${method} is tried again with a boot device that stays until the ramdisk is done.`,
    };
  }
  if (others.length === 0) {
    if (!staysSet(call.node) && noteOf(call.node)['all_time'] !== true) {
      call.notes.internal({ [NOTE]: { ...noteOf(call.node), all_time: true } });
      return { kind: 'busy' };
    }
    const before = triedWays(call.node).map((way) => `${way.method} before (${way.summary})`);
    return { kind: 'last', said: [`The last way was by ${method}: ${summary}`, ...before].join(' Nor by ') };
  }
  call.notes.internal({ [NOTE]: givenUp(call.node, now, summary) });
  await takeBack(context, call, method);
  return {
    kind: 'next',
    said: `The machine did not come up by ${method} in ${minutes} min: ${summary} ${others[0]} is tried next.`,
  };
}

/** What cannot be taken back now is in the way of nothing: the next way sets its own boot device. */
async function takeBack(context: BootContext, call: DriverCall, method: BootMethod): Promise<void> {
  await BY_METHOD[method].cleanUp(call).catch((error: unknown) => {
    call.assertMayWrite();
    context.log.warn({ node: call.node.uuid, method, err: error }, 'a way to boot could not be taken back');
  });
}

/** Does the BMC hold the one-time boot for done? One that still waits for it is just slow. */
async function isUsedUp(call: DriverCall): Promise<boolean> {
  try {
    return (await call.interfaces.management.getBootDevice(call)).bootDevice === null;
  } catch {
    call.assertMayWrite();
    return false;
  }
}

/**
 * Did the machine get as far as the ramdisk? Its agent called (by now it may be off, and its token gone), or it
 * fetched all of the initrd.
 */
async function cameUp(context: BootContext, call: DriverCall): Promise<boolean> {
  const since = Number(noteOf(call.node)['at']);
  const at = Number.isFinite(since) ? since : 0;
  if (await context.records.called(call.node.uuid, context.clock.now() - at)) return true;
  const seen = await bootOf(context).sightings(call.node.uuid, at);
  return seen.some((one) => one.what === 'GET initrd');
}

function noWay(reasons: Readonly<Document>, cause: unknown): Error {
  const said = Object.entries(reasons).map(([method, why]) => `${method}: ${String(why)}`);
  return bootErrors.BootNoWay(said.join('; ') || 'no way to boot is set up', { cause });
}
