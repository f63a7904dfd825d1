import type { CableEnd, MachinePlace } from '#contracts/network';
import { isUuid } from '#kernel/ids';
import { messageOf } from '#kernel/errors';
import type { Call, Columns } from '../../model/resource.ts';
import { dropUnusedDynamic } from '../../store/bindings.ts';
import { addLinks, noteBound } from '../../store/machines.ts';
import { markMachine } from '../../store/machine-marks.ts';
import { failOutside, freeOutsideLinks, takeOutside, unplugOutside } from '../../store/outside.ts';

// A bare metal service that is not ours (an Ironic) binds ports through the API: `binding:host_id` is the node, and
// `binding:profile` says by which switch ports it hangs. These are moved before it is answered: it goes on as soon as it
// hears, and powers the machine on.

/** Where a port shall be bound. */
export interface BindingWish {
  /** The port; `''` while it is being made. */
  port: string;
  network: string;
  host: string;
  vnicType: string;
  profile: Readonly<Record<string, unknown>>;
}

/** The switch ports a profile names. */
function linksIn(profile: Readonly<Record<string, unknown>>): CableEnd[] {
  const list = profile['local_link_information'];
  return (Array.isArray(list) ? list : []).flatMap((one: unknown): CableEnd[] => {
    const { switch_id: id, port_id: port, switch_info: info } = (one ?? {}) as Record<string, unknown>;
    if (typeof id !== 'string' || typeof port !== 'string' || id === '' || port === '') return [];
    return [{ switchId: id, portId: port, switchInfo: typeof info === 'string' && info !== '' ? info : null }];
  });
}

/** The place a profile says, with what its switch says of the physical network. `unknown`: a switch nobody drives. */
export async function placeOf(
  { room }: Call,
  port: string,
  profile: Readonly<Record<string, unknown>>,
): Promise<{ place: MachinePlace; unknown: boolean }> {
  const links = linksIn(profile);
  const said = profile['physical_network'];
  let physicalNetwork = typeof said === 'string' ? said : null;
  let unknown = false;
  for (const { switchId, switchInfo } of links) {
    const link = { switchId, ...(switchInfo === null ? {} : { switchInfo }) };
    const found = (await room.switches?.()?.findSwitch(link)) ?? null;
    unknown ||= found === null;
    physicalNetwork ??= found?.physicalNetwork ?? null;
  }
  const group = profile['local_group_information'] as Record<string, unknown> | undefined;
  const bond =
    group === undefined || !isUuid(String(group['id']))
      ? null
      : {
          id: String(group['id']),
          name: String(group['name'] ?? ''),
          mode: String(group['bond_mode'] ?? 'active-backup'),
          properties: (group['bond_properties'] ?? {}) as Record<string, unknown>,
        };
  return { place: { id: port, mac: null, physicalNetwork, links, bond }, unknown };
}

/** Notes that the port is plugged in, and has its switch ports moved. `columns`: what was found of its binding. */
export async function plugOutside(call: Call, port: string, wish: BindingWish, columns: Columns): Promise<void> {
  const { tx, room } = call;
  const { host, profile } = wish;
  if (columns['vif_type'] !== 'other' || room.settle === undefined || !isUuid(host)) return;
  const { place, unknown } = await placeOf(call, port, profile);
  if (place.links.length === 0 || unknown || !(await takeOutside(tx, host))) return;
  await freeOutsideLinks(tx, host, place.links);
  const other = await addLinks(tx, host, place.links);
  if (other !== undefined) {
    room.log.warn({ port, machine: host, other: other.machine }, 'a switch port belongs to another machine');
    Object.assign(columns, { vif_type: 'binding_failed', vif_details: {}, bound_segment_id: null, status: 'DOWN' });
    await failOutside(tx, port);
    return;
  }
  await noteBound(tx, host, port, place, null);
  await markMachine(tx, host);
  call.afterwards(async () => {
    try {
      await room.settle?.(host);
    } catch (error) {
      room.log.warn({ port, machine: host, err: messageOf(error) }, 'a port could not be bound to its machine');
      await room.store.tx(async (after) => {
        await unplugOutside(after, port);
        await failOutside(after, port);
        await dropUnusedDynamic(after, [wish.network]);
        await markMachine(after, host);
      });
    }
  });
}

/** The port is on no machine any more: its switch ports carry nothing before anybody is told. */
export async function unplug(call: Call, port: string): Promise<void> {
  const { room, tx } = call;
  const machine = await unplugOutside(tx, port);
  if (machine === undefined) return;
  await markMachine(tx, machine);
  call.afterwards(async () => {
    await room.settle?.(machine).catch((error: unknown) => {
      // The mark stays: it is done as soon as the switch can be reached.
      room.log.warn(
        { port, machine, err: messageOf(error) },
        'the switch ports of a machine still carry what they did',
      );
    });
  });
}
