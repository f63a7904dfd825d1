import { isIP } from 'node:net';
import { normalize } from 'node:path';
import type { Clock } from '#kernel/clock';
import { openSocketLine, type SocketPlace } from '#protocols/serial/socket';
import { errors } from '../../errors.ts';
import type { Node } from '../../model/node.ts';
import type { ConsoleInterface, InterfaceRegistry } from '../contract.ts';
import { wishOf } from '../ipmi/console.ts';
import { pageConsole } from '../none/page-console.ts';

/**
 * The console of a lab machine at a plain socket. Whoever may change driver_info names the place, and the conductor
 * connects there: so the operator says where such places may be, and by default there are none.
 */
export function labSockets(clock: Clock, allowed: readonly string[]): Partial<InterfaceRegistry> {
  if (allowed.length === 0) return {};
  const one: ConsoleInterface = {
    ...pageConsole,
    name: 'lab-socket',
    properties: {
      console_socket: `Where the serial line is: unix:/path or tcp:address:port, at ${allowed.join(' or ')}…. Required.`,
    },
    validate: (node) => void placeOf(node, allowed),
    serial: (node, parts) => openSocketLine(placeOf(node, allowed), clock, wishOf(parts)),
  };
  return { console: new Map([[one.name, one]]) };
}

function placeOf(node: Node, allowed: readonly string[]): SocketPlace {
  const told = node.driverInfo['console_socket'];
  if (typeof told !== 'string' || told === '') {
    throw errors.MissingParameterValue('Missing the following required driver_info: console_socket.');
  }
  const [, kind, rest = ''] = /^(unix|tcp):(.+)$/.exec(told) ?? [];
  const port = Number(/:(\d{1,5})$/.exec(rest)?.[1]);
  const host = rest.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  const isPlace =
    kind === 'unix' ? normalize(rest) === rest && rest.startsWith('/') : isIP(host) !== 0 && port > 0 && port < 65_536;
  if (!isPlace) {
    throw errors.InvalidParameterValue(`Invalid console_socket "${told}": it must be unix:/path or tcp:address:port.`);
  }
  if (!allowed.some((start) => rest.startsWith(start))) {
    throw errors.InvalidParameterValue(`Invalid console_socket "${told}": the operator allows none there.`);
  }
  return kind === 'unix' ? { path: rest } : { host, port };
}
