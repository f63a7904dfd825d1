import type { InterfaceKind } from '../model/interfaces.ts';
import type { Segment } from './segment.ts';

/** Lets interfaces check the node's settings before anything is touched. Throws what they throw. */
export async function validate(segment: Segment, ...kinds: InterfaceKind[]): Promise<void> {
  for (const kind of kinds) await segment.interfaces[kind].validate(segment.node);
}
