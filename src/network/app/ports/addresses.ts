import {
  type AddressRequest,
  type FixedIpWish,
  namedAddresses,
  type SubnetFacts,
  usualAddresses,
} from '../../model/port-addresses.ts';
import type { Call } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import {
  type AnyIp,
  dropAddresses,
  giveAny,
  giveAuto,
  giveNamed,
  orderAddresses,
  readAddresses,
  readSubnetFacts,
} from '../../store/fixed-ips.ts';

/** A port that is to get addresses. */
export interface Addressee {
  port: string;
  network: string;
  requests: readonly AddressRequest[];
}

/** Subnets of a network, read once a request. */
export const subnetsOf = (call: Call, network: string): Promise<SubnetFacts[]> =>
  call.once(`subnets ${network}`, () => readSubnetFacts(call.tx, network));

/** What addresses a new port asks for; null when it gets them later, once it is known where it is. */
export async function requestsOf(
  call: Call,
  port: { network: string; deviceOwner: string; host: string; fixedIps: readonly FixedIpWish[] | undefined },
): Promise<AddressRequest[] | null> {
  const { network, deviceOwner, host, fixedIps } = port;
  const subnets = await subnetsOf(call, network);
  if (fixedIps !== undefined)
    return fixedIps.length === 0 ? [] : namedAddresses({ network, deviceOwner, subnets }, fixedIps);
  // On a routed network a host decides which subnets can reach the port.
  if (host === '' && subnets.length > 0 && subnets.every(({ segmentId }) => segmentId !== null)) return null;
  return usualAddresses({ network, deviceOwner, subnets });
}

/** An address a port is still to get: a free one of the first of these subnets that has any. */
export interface OpenAddress {
  port: string;
  network: string;
  position: number;
  subnets: readonly string[];
}

/** The addresses of ports that may be any. */
export const openAddresses = (ports: readonly Addressee[], from = 0): OpenAddress[] =>
  ports.flatMap(({ port, network, requests }) =>
    requests.flatMap((request, at) =>
      request.kind === 'any' ? [{ port, network, position: from + at, subnets: request.subnets }] : [],
    ),
  );

/** The first subnet of each is asked. Throws `IpAddressGenerationFailure` when there is none left to ask. */
export const askFirst = (call: Call, open: readonly OpenAddress[]): AnyIp[] =>
  open.map(({ port, network, position, subnets: [subnet] }) => {
    if (subnet === undefined) throw refusals.IpAddressGenerationFailure(network);
    return { port, subnet, position, seed: call.room.random.next() };
  });

/** Those that are open still after the first subnets were asked. */
export const stillOpen = (open: readonly OpenAddress[], given: readonly boolean[]): OpenAddress[] =>
  open.filter((_, at) => given[at] !== true).map((one) => ({ ...one, subnets: one.subnets.slice(1) }));

/**
 * Gives ports their addresses, all of a request by a few statements; `open` are those that may be any. Those named come
 * first, so that none of them is taken by chance. Throws `IpAddressAlreadyAllocated` and `IpAddressGenerationFailure`.
 */
export async function giveAddresses(
  call: Call,
  ports: readonly Addressee[],
  { from = 0, open = openAddresses(ports, from) }: { from?: number; open?: readonly OpenAddress[] } = {},
): Promise<void> {
  const { tx } = call;
  const all = ports.flatMap(({ port, requests }) =>
    requests.map((request, at) => ({ port, request, position: from + at })),
  );
  const named = all.flatMap(({ port, position, request }) =>
    request.kind === 'named' ? [{ port, position, subnet: request.subnet, ip: request.ip }] : [],
  );
  const [taken] = await giveNamed(tx, named);
  if (taken !== undefined) throw refusals.IpAddressAlreadyAllocated(taken.ip, taken.subnet);
  await giveAuto(
    tx,
    all.flatMap(({ port, position, request }) =>
      request.kind === 'auto' ? [{ port, position, subnet: request.subnet }] : [],
    ),
  );
  let left = open;
  while (left.length > 0) left = stillOpen(left, await giveAny(tx, askFirst(call, left)));
}

/** Gives a port other addresses: what it has and is still asked for stays. */
export async function changeAddresses(
  call: Call,
  port: { id: string; network: string; deviceOwner: string },
  wishes: readonly FixedIpWish[],
): Promise<void> {
  const { tx } = call;
  const { id, network, deviceOwner } = port;
  const subnets = await subnetsOf(call, network);
  const requests = wishes.length === 0 ? [] : namedAddresses({ network, deviceOwner, subnets }, wishes);
  const left = await readAddresses(tx, id);
  const positions = new Map<string, number>();
  const open: { request: AddressRequest; position: number }[] = [];
  const keep = (position: number, fits: (ip: string, subnet: string) => boolean): boolean => {
    const at = left.findIndex(({ ip, subnet }) => fits(ip, subnet));
    const [found] = at < 0 ? [] : left.splice(at, 1);
    if (found !== undefined) positions.set(found.ip, position);
    return found !== undefined;
  };
  const placed = requests.map((request, position) => ({ request, position }));
  // Those named by address are kept first: one of the same subnet must not be counted for another.
  for (const { request, position } of placed) {
    if (request.kind === 'named' && !keep(position, (ip) => ip === request.ip)) open.push({ request, position });
  }
  for (const { request, position } of placed) {
    if (request.kind === 'named') continue;
    const wanted = request.kind === 'auto' ? [request.subnet] : request.subnets;
    if (!keep(position, (_, subnet) => wanted.includes(subnet))) open.push({ request, position });
  }
  await dropAddresses(tx, id, [...positions.keys()]);
  for (const { request, position } of open)
    await giveAddresses(call, [{ port: id, network, requests: [request] }], { from: position });
  await orderAddresses(tx, id, positions);
}
