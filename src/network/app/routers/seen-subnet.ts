import type { Call } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { findSubnetFacts, type SubnetFacts } from '../../store/service-ports.ts';
import { seenNetwork } from '../networks/seen.ts';

/** A subnet the caller sees, with its network. Throws `SubnetNotFound`. */
export async function demandSubnet(call: Call, id: string): Promise<SubnetFacts> {
  const subnet = await findSubnetFacts(call.tx, id);
  if (subnet === undefined) throw refusals.SubnetNotFound(id);
  const seen = await seenNetwork(call, subnet.network_id).catch(() => undefined);
  if (seen === undefined) throw refusals.SubnetNotFound(id);
  return subnet;
}
