import { INTERFACE_KINDS, type InterfaceKind } from '../model/interfaces.ts';
import type { DriverOffer, VendorMethodFacts } from '../model/driver-catalogue.ts';
import type { HardwareType } from './contract.ts';
import type { DriverRegistry } from './registry.ts';

/** What a conductor tells of a hardware type it runs; all of an offer but who else runs it. */
export type OwnOffer = Omit<DriverOffer, 'hosts'>;

/** What this program would offer as a conductor: goes into its row, and from there into every catalogue. */
export function ownOffers(registry: DriverRegistry): OwnOffer[] {
  return [...registry.types.values()].map((type) => offerOf(registry, type));
}

function offerOf(registry: DriverRegistry, type: HardwareType): OwnOffer {
  const enabled = {} as Record<InterfaceKind, readonly string[]>;
  const defaults = {} as Record<InterfaceKind, string | null>;
  const properties: Record<string, string> = {};
  for (const kind of INTERFACE_KINDS) {
    const names = registry.enabled(type, kind);
    enabled[kind] = [...names].sort();
    defaults[kind] = names[0] ?? null;
    for (const name of names) Object.assign(properties, registry.find(kind, name)?.properties);
  }
  const raid = defaults.raid === null ? undefined : registry.find('raid', defaults.raid);
  const vendor = defaults.vendor === null ? undefined : registry.find('vendor', defaults.vendor);
  const raidProperties = raid === undefined || raid.name === 'no-raid' ? null : { ...raid.logicalDiskProperties };
  return {
    name: type.name,
    enabled,
    defaults,
    properties,
    raidProperties,
    vendorMethods: Object.fromEntries(
      (vendor?.driverMethods ?? []).map((method) => [
        method.name,
        {
          http_methods: method.httpMethods,
          async: method.async,
          description: method.description,
          attach: false,
          require_exclusive_lock: false,
        },
      ]),
    ),
    anyInterface: type.anyInterface ?? false,
  };
}

/** Methods of a vendor interface, as the API shows them. */
export function vendorFacts(registry: DriverRegistry, implementation: string): Record<string, VendorMethodFacts> {
  const vendor = registry.find('vendor', implementation);
  return Object.fromEntries(
    (vendor?.methods ?? []).map((method) => [
      method.name,
      {
        http_methods: method.httpMethods,
        async: method.async,
        description: method.description,
        attach: method.attach ?? false,
        require_exclusive_lock: method.requireExclusiveLock ?? true,
      },
    ]),
  );
}
