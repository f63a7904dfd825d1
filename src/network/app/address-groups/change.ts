import { addressesOf } from '../../model/group-rule.ts';
import { type Call, type Held, SHOW } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';

/** Adds addresses to a group, or takes them out. Throws `AddressesAlreadyExist`, `AddressesNotFound`. */
export async function changeAddresses(
  call: Call,
  { id }: Held,
  body: unknown,
  how: 'add' | 'remove',
): Promise<typeof SHOW> {
  const { address_group: group } = body as { address_group: { addresses: string[] } };
  const sent = addressesOf(group.addresses);
  const [row] = await call.tx.query<{ addresses: string[] }>({
    name: 'network addresses of group',
    text: 'select addresses::text[] as addresses from net_address_groups where id = $1',
    values: [id],
  });
  const there = new Set(row?.addresses);
  const wrong = sent.filter((one) => there.has(one) === (how === 'add'));
  if (wrong.length > 0) {
    throw how === 'add'
      ? refusals.AddressesAlreadyExist(wrong.join(', '), id)
      : refusals.AddressesNotFound(wrong.join(', '), id);
  }
  for (const one of sent) {
    if (how === 'add') there.add(one);
    else there.delete(one);
  }
  await call.tx.query({
    name: 'network addresses of group now',
    text: 'update net_address_groups set addresses = $2::cidr[] where id = $1',
    values: [id, [...there]],
  });
  return SHOW;
}
