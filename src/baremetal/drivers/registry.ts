import { errors } from '../errors.ts';
import type { ConductorConfig } from '../model/conductor-config.ts';
import { INTERFACE_KINDS, type InterfaceKind } from '../model/interfaces.ts';
import type { Node } from '../model/node.ts';
import type { HardwareType, InterfaceOf, InterfaceRegistry, NodeInterfaces } from './contract.ts';

/** What this program can drive, as far as the operator enabled it. */
export interface DriverRegistry {
  /** Enabled hardware types. */
  readonly types: ReadonlyMap<string, HardwareType>;
  /** Enabled implementations of a hardware type, best first. */
  enabled(type: HardwareType, kind: InterfaceKind): readonly string[];
  /** One implementation by kind and name; undefined when the product has none of that name. */
  find<K extends InterfaceKind>(kind: K, name: string): InterfaceOf[K] | undefined;
  /** Names of all implementations of a kind, enabled or not. */
  names(kind: InterfaceKind): readonly string[];
  /** The implementations a node is driven with. Throws 400 InterfaceNotFound. */
  of(node: Node): NodeInterfaces;
}

/** Joins hardware types and implementations under the operator's choice of what is enabled. */
export function makeRegistry(
  types: readonly HardwareType[],
  implementations: readonly Partial<InterfaceRegistry>[],
  config: ConductorConfig,
): DriverRegistry {
  const all = new Map<InterfaceKind, Map<string, InterfaceOf[InterfaceKind]>>();
  for (const kind of INTERFACE_KINDS) {
    const merged = new Map<string, InterfaceOf[InterfaceKind]>();
    for (const part of implementations) for (const [name, one] of part[kind] ?? []) merged.set(name, one);
    all.set(kind, merged);
  }
  const find = <K extends InterfaceKind>(kind: K, name: string) =>
    all.get(kind)?.get(name) as InterfaceOf[K] | undefined;
  const names = (kind: InterfaceKind) => [...(all.get(kind)?.keys() ?? [])];
  const isEnabled = (kind: InterfaceKind, name: string) => {
    const chosen = config.enabledInterfaces[kind];
    return chosen === undefined || chosen.includes(name);
  };
  return {
    types: new Map(
      types.filter((type) => config.enabledHardwareTypes.includes(type.name)).map((type) => [type.name, type]),
    ),
    enabled: (type, kind) => type.supported[kind].filter((name) => find(kind, name) && isEnabled(kind, name)),
    find,
    names,
    of(node) {
      const made: Partial<Record<InterfaceKind, unknown>> = {};
      for (const kind of INTERFACE_KINDS) {
        const name = node.interfaces[kind];
        const one = find(kind, name);
        if (one === undefined) throw errors.InterfaceNotFound(kind, name, `[${names(kind).join(', ')}]`);
        made[kind] = one;
      }
      return made as NodeInterfaces;
    },
  };
}
