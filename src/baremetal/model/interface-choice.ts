import { errors } from '../errors.ts';
import type { DriverCatalogue, DriverOffer } from './driver-catalogue.ts';
import { INTERFACE_KINDS, type InterfaceKind } from './interfaces.ts';

/**
 * The offer of a hardware type that a live conductor of the group runs. Asks the database once more before it
 * says no. Throws 400 NoValidHost, or 503 when no conductor lives at all.
 */
export async function offerFor(catalogue: DriverCatalogue, driver: string, group: string): Promise<DriverOffer> {
  const find = () => {
    const offer = catalogue.offer(driver);
    return offer?.hosts.some((host) => host.group === group) ? offer : undefined;
  };
  let offer = find();
  if (offer === undefined) {
    await catalogue.refresh();
    offer = find();
  }
  if (offer !== undefined) return offer;
  if (catalogue.offers().length === 0) throw errors.TemporaryFailure({ retryAfter: 5 });
  throw errors.NoValidHost(
    `No conductor service registered which supports driver ${driver} for conductor group "${group}". ` +
      'Ensure the driver is valid and enabled.',
  );
}

/**
 * Gives each kind its implementation: the one asked for, if the hardware type may use it, else the default.
 * Throws 400 as Ironic's driver factory does.
 */
export function chooseInterfaces(
  catalogue: DriverCatalogue,
  offer: DriverOffer,
  node: string,
  asked: Readonly<Partial<Record<InterfaceKind, string | null>>>,
): Record<InterfaceKind, string> {
  const chosen = {} as Record<InterfaceKind, string>;
  for (const kind of INTERFACE_KINDS) {
    const name = asked[kind] ?? null;
    if (name === null) {
      const fallback = offer.defaults[kind];
      if (fallback === null) throw errors.NoValidDefaultForInterface(node, offer.name, kind);
      chosen[kind] = fallback;
    } else {
      checkInterface(catalogue, offer, kind, name);
      chosen[kind] = name;
    }
  }
  return chosen;
}

function checkInterface(catalogue: DriverCatalogue, offer: DriverOffer, kind: InterfaceKind, name: string): void {
  if (offer.enabled[kind].includes(name)) return;
  const enabled = new Set(catalogue.offers().flatMap((other) => other.enabled[kind]));
  if (!enabled.has(name)) {
    throw errors.InterfaceNotFound(
      kind,
      name,
      `[${[...enabled]
        .sort()
        .map((n) => `'${n}'`)
        .join(', ')}]`,
    );
  }
  if (!offer.anyInterface) throw errors.IncompatibleInterface(kind, name, offer.name);
}
