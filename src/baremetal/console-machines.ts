import type { ConsoleMachines, ConsoleNode } from '#contracts/console';
import { isUuid } from '#kernel/ids';
import type { Sealer, Store } from '#store/contract';
import type { DriverRegistry } from './drivers/registry.ts';
import { errors } from './errors.ts';
import { consoleNode, consolesOf, consolesSwitchedOn } from './store/consoles.ts';
import { loadNode } from './store/node-load.ts';

/** The machines as the console room asks for them. */
export function makeConsoleMachines(store: Store, sealer: Sealer, registry: DriverRegistry): ConsoleMachines {
  const withSerial = registry.names('console').filter((name) => registry.find('console', name)?.serial !== undefined);
  const load = async (uuid: string) => {
    const found = await loadNode(store, uuid, sealer);
    if (found === undefined) throw errors.NodeNotFound(uuid);
    const { node } = found;
    const one = registry.of(node).console;
    await one.validate(node);
    return { node, one };
  };
  return {
    recordable: (groups) => consolesOf(store, groups, withSerial),
    async find(ident) {
      const row = await consoleNode(store, isUuid(ident) ? { uuid: ident.toLowerCase() } : { name: ident });
      if (row === undefined) return undefined;
      const one = registry.find('console', row.interface);
      const node: ConsoleNode = { ...row, serial: one?.serial !== undefined, screen: one?.screen !== undefined };
      return node;
    },
    async switchedOn(uuids) {
      return new Set(await consolesSwitchedOn(store, uuids));
    },
    async serial(uuid, parts) {
      const { node, one } = await load(uuid);
      if (one.serial === undefined) throw errors.UnsupportedDriverExtension(node.driver, 'console.serial');
      return await one.serial(node, parts);
    },
    async screen(uuid, signal) {
      const { node, one } = await load(uuid);
      if (one.screen === undefined) throw errors.UnsupportedDriverExtension(node.driver, 'console.screen');
      return await one.screen(node, signal);
    },
  };
}
