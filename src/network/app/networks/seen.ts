import type { Call } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { type NetworkFacts, readNetworkFacts } from '../../store/subnets.ts';

/** The network something is to be in, if the caller sees it. Throws `NetworkNotFound`. Read once a request. */
export async function seenNetwork(call: Call, id: unknown): Promise<NetworkFacts> {
  const text = String(id).toLowerCase();
  const found = await call.once(`network ${text}`, () => readNetworkFacts(call.tx, text, call.project));
  if (found === undefined || !call.allows('get_network', { ...found })) throw refusals.NetworkNotFound(text);
  return found;
}

/** Facts of what is to be in a network, for rules. */
export async function factsInNetwork(call: Call, wish: Readonly<Record<string, unknown>>) {
  const { project_id: owner, shared, external } = await seenNetwork(call, wish['network_id']);
  return { network_project: owner, shared, external };
}
