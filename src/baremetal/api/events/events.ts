import { Type } from 'typebox';
import type { Handler, Route } from '#http/contract';
import { errors } from '../../errors.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import { readMac, readUuid, shown } from '../input/value.ts';

const EVENTS = ['network.bind_port', 'network.unbind_port', 'network.delete_port'];
const REQUIRED = ['event', 'port_id', 'mac_address', 'status'];
const KNOWN = new Set([...REQUIRED, 'device_id', 'binding:host_id', 'binding:vnic_type']);

/** What a network service tells of its ports. */
export const eventRoutes = [
  {
    id: 'event.post',
    method: 'POST',
    path: '/v1/events',
    since: 54,
    policy: 'baremetal:events:post',
    summary: 'Tell of changes to ports of the network service',
    body: Type.Object(
      { events: Type.Array(Type.Object({}, { additionalProperties: true }), { maxItems: 1000 }) },
      { additionalProperties: false },
    ),
    success: 204,
  },
] as const satisfies readonly Route[];

/** Checks one event in Ironic's words. */
function checkEvent(item: unknown): Record<string, unknown> {
  const bad = (why: string) => errors.InvalidParameterValue(`Schema error for evts: ${why}`);
  const event = item as Record<string, unknown>;
  for (const name of REQUIRED) if (event[name] === undefined) throw bad(`'${name}' is a required property`);
  if (!EVENTS.includes(event['event'] as string)) {
    throw bad(`'${shown(event['event'])}' is not one of [${EVENTS.map((name) => `'${name}'`).join(', ')}]`);
  }
  const extra = Object.keys(event).find((name) => !KNOWN.has(name));
  if (extra !== undefined) throw bad(`Additional properties are not allowed ('${shown(extra)}' was unexpected)`);
  readUuid('port_id', event['port_id']);
  readMac('mac_address', event['mac_address']);
  if (typeof event['status'] !== 'string') throw bad("the status is not of type 'string'");
  if (event['device_id'] !== undefined) readUuid('device_id', event['device_id']);
  return event;
}

export function eventHandlers(deps: BaremetalDeps): Record<string, Handler> {
  return {
    'event.post': ({ requestId }, { body }) => {
      const { events } = body as { events: unknown[] };
      if (events.length === 0) throw errors.InvalidParameterValue('Schema error for evts: [] is too short');
      for (const item of events) {
        const { event, port_id, status } = checkEvent(item);
        deps.log.info({ requestId, event, port: port_id, status }, 'the network service told of a port');
      }
      return {};
    },
  };
}
