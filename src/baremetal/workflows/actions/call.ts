import type { Json } from '#work/contract';
import type { DriverCall, InterfaceOf } from '../../drivers/contract.ts';
import type { DriverRegistry } from '../../drivers/registry.ts';
import { errors } from '../../errors.ts';
import type { InterfaceKind } from '../../model/interfaces.ts';
import type { Document, Node } from '../../model/node.ts';
import type { ConductorSide } from '../side.ts';
import { ARGS_AAD, type CallDetail } from './detail.ts';

type Args = { [key: string]: Json | undefined };
type Method = (call: DriverCall, args: Args) => Promise<unknown>;

/** How a method may be called. */
interface Shape {
  /** It changes the machine: the node is locked while it runs. */
  writes: boolean;
  /** Sent again by a successor who cannot know whether it was: only where doing it twice is doing it once. */
  absolute: boolean;
  run: Method;
}

const reads = (run: Method): Shape => ({ writes: false, absolute: true, run });
const writes = (run: Method): Shape => ({ writes: true, absolute: true, run });
const onlyOnce = (run: Method): Shape => ({ writes: true, absolute: false, run });

const media = (call: DriverCall): NonNullable<InterfaceOf['management']['virtualMedia']> => {
  const found = call.interfaces.management.virtualMedia;
  if (found === undefined) throw errors.UnsupportedDriverExtension(call.node.driver, 'virtual media');
  return found;
};
const text = (args: Args, key: string): string => String(args[key] ?? '');

/** The calls the API makes, by interface and method. Names of arguments and results are the API's. */
const METHODS: Partial<Record<InterfaceKind, Record<string, Shape>>> = {
  management: {
    getBootDevice: reads(async (call) => {
      const { bootDevice, persistent } = await call.interfaces.management.getBootDevice(call);
      return { boot_device: bootDevice, persistent };
    }),
    setBootDevice: writes((call, args) =>
      call.interfaces.management.setBootDevice(call, text(args, 'boot_device'), args['persistent'] === true),
    ),
    injectNmi: onlyOnce((call) => call.interfaces.management.injectNmi(call)),
    setBootMode: writes((call, args) =>
      call.interfaces.management.setBootMode(call, args['mode'] === 'bios' ? 'bios' : 'uefi'),
    ),
    setSecureBoot: writes((call, args) => call.interfaces.management.setSecureBoot(call, args['on'] === true)),
    indicators: reads((call) => call.interfaces.management.indicators(call)),
    getIndicator: reads((call, args) =>
      call.interfaces.management.getIndicator(call, text(args, 'component'), text(args, 'id')),
    ),
    setIndicator: writes((call, args) =>
      call.interfaces.management.setIndicator(call, text(args, 'component'), text(args, 'id'), text(args, 'state')),
    ),
    'virtualMedia.list': reads((call) => media(call).list(call)),
    'virtualMedia.insert': writes((call, args) =>
      media(call).insert(call, text(args, 'device_type'), text(args, 'image_url')),
    ),
    'virtualMedia.eject': writes((call, args) =>
      media(call).eject(call, Array.isArray(args['device_types']) ? args['device_types'].map(String) : []),
    ),
  },
  console: {
    start: writes((call) => call.interfaces.console.start(call)),
    stop: writes((call) => call.interfaces.console.stop(call)),
  },
  network: {
    attachVif: writes((call, args) => call.interfaces.network.attachVif(call, (args['vif'] ?? {}) as Document)),
    detachVif: writes((call, args) => call.interfaces.network.detachVif(call, text(args, 'vif_id'))),
  },
};

/**
 * How a node's driver is called; `vendor` methods are those of its vendor interface. Throws 400
 * UnsupportedDriverExtension for one it does not have.
 */
export function callShape(
  side: Pick<ConductorSide, 'registry'>,
  node: Node,
  kind: InterfaceKind,
  method: string,
): Shape {
  if (kind !== 'vendor') {
    const shape = METHODS[kind]?.[method];
    if (shape === undefined) throw errors.UnsupportedDriverExtension(node.driver, `${kind}.${method}`);
    return shape;
  }
  const found = side.registry.of(node).vendor.methods.find((one) => one.name === method);
  if (found === undefined) throw errors.UnsupportedDriverExtension(node.driver, `vendor.${method}`);
  const run: Method = (call, args) => found.call(call, method, (args['data'] ?? {}) as Document);
  return found.requireExclusiveLock === false ? { ...reads(run), absolute: false } : onlyOnce(run);
}

/** The vendor interface whose methods a hardware type itself has: its default one. */
export function driverVendor(registry: DriverRegistry, driver: string): InterfaceOf['vendor'] | undefined {
  const type = registry.types.get(driver);
  const name = type === undefined ? undefined : registry.enabled(type, 'vendor')[0];
  return name === undefined ? undefined : registry.find('vendor', name);
}

/** Arguments as the caller gave them. */
export function argsOf(side: Pick<ConductorSide, 'sealer'>, detail: CallDetail): Args {
  return detail.sealedArgs === undefined ? (detail.args ?? {}) : side.sealer.open<Args>(detail.sealedArgs, ARGS_AAD);
}
