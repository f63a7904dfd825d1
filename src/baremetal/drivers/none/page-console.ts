import type { Node } from '../../model/node.ts';
import type { ConsoleInterface } from '../contract.ts';

/** What all consoles that people reach through this service share. */
export const pageConsole = {
  enabled: true,
  // The line is held already, to record it: whether people may connect is a matter of the node's row alone.
  start: async () => {},
  stop: async () => {},
  info: (node: Node) => ({ type: 'ingot', url: `/ui/console/${node.uuid}` }),
} satisfies Partial<ConsoleInterface>;
