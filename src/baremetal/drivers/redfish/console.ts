import { isIPv6 } from 'node:net';
import type { SerialLine, SerialParts } from '#contracts/console';
import { Secret } from '#kernel/secret';
import type { IpmiTarget } from '#protocols/ipmi/target';
import { objectAt, textOf } from '#protocols/redfish/json';
import { errors as serialErrors } from '#protocols/serial/errors';
import { connectSocket } from '#protocols/serial/socket';
import { openSshLine } from '#protocols/serial/ssh';
import { errors } from '../../errors.ts';
import type { Node } from '../../model/node.ts';
import type { ConsoleInterface, DriverCall } from '../contract.ts';
import { wishOf } from '../ipmi/console.ts';
import type { IpmiTools } from '../ipmi/bmc.ts';
import { pageConsole } from '../none/page-console.ts';
import { RedfishBmc, type RedfishContext } from './bmc.ts';
import { REDFISH_PROPERTIES, redfishSettings } from './settings.ts';

const PROPERTIES = {
  ...REDFISH_PROPERTIES,
  redfish_ssh_host_key:
    'Fingerprint the host key of the BMC\'s SSH console must have, as "ssh-keygen -l" prints it (SHA256:…). Without ' +
    'it the first key seen is remembered and insisted on. Optional.',
};
const SCREEN_MS = 15_000;

/**
 * The consoles of a Redfish service: serial over SSH, or over IPMI where the BMC offers that and no SSH; the screen
 * where it speaks RFB, which is what emulated machines do.
 */
export function redfishConsoles(context: RedfishContext, tools: IpmiTools): ConsoleInterface[] {
  return ['redfish', 'redfish-graphical'].map((name) => ({
    ...pageConsole,
    name,
    properties: PROPERTIES,
    validate(node) {
      redfishSettings(node);
      pinnedKey(node);
    },
    serial: (node, parts) => openSerial(context, tools, node, parts),
    async screen(node, signal) {
      const system = await systemOf(context, node, signal);
      const screen = objectAt(system.body, 'GraphicalConsole');
      const port = screen['Port'];
      if (screen['ServiceEnabled'] !== true || typeof port !== 'number') {
        throw errors.InvalidParameterValue(
          'This machine gives no screen: its BMC names no graphical console with a port.',
        );
      }
      const late = AbortSignal.any([signal, AbortSignal.timeout(SCREEN_MS)]);
      return connectSocket({ host: hostOf(node), port }, context.clock, late);
    },
  }));
}

async function openSerial(
  context: RedfishContext,
  tools: IpmiTools,
  node: Node,
  parts: SerialParts,
): Promise<SerialLine> {
  const system = await systemOf(context, node, parts.signal);
  const offered = objectAt(system.body, 'SerialConsole');
  const ssh = objectAt(offered, 'SSH');
  const { access } = redfishSettings(node);
  if (ssh['ServiceEnabled'] === true) {
    if (access.username === null) throw serialErrors.SerialAbsent('an SSH console needs redfish_username');
    const port = typeof ssh['Port'] === 'number' ? ssh['Port'] : 22;
    const host = hostOf(node);
    const endpoint = `${host}:${port}`;
    const told = pinnedKey(node);
    const place = {
      host,
      port,
      username: access.username,
      password: access.password ?? new Secret(''),
      entryCommand: textOf(ssh['ConsoleEntryCommand']),
      fingerprint: told ?? (await parts.pins.known(endpoint)),
    };
    return openSshLine(place, wishOf(parts), (seen) => parts.pins.remember(endpoint, seen));
  }
  const ipmi = objectAt(offered, 'IPMI');
  if (ipmi['ServiceEnabled'] === true) {
    const port = typeof ipmi['Port'] === 'number' ? ipmi['Port'] : 623;
    return tools.openLine(ipmiOf(node, port), wishOf(parts));
  }
  throw serialErrors.SerialAbsent('its BMC offers a serial console over neither SSH nor IPMI');
}

/** The same BMC, account and password, by IPMI. */
function ipmiOf(node: Node, port: number): IpmiTarget {
  const { access } = redfishSettings(node);
  return {
    address: hostOf(node),
    port,
    username: access.username,
    password: access.password,
    kg: null,
    privilege: null,
    protocol: '2.0',
    cipherSuite: null,
    bridge: null,
    intervalMs: 0,
  };
}

/** Consoles are at the BMC's own address whatever it says, as all that is asked of it. */
function hostOf(node: Node): string {
  const { hostname } = new URL(redfishSettings(node).access.origin);
  const bare = hostname.replace(/^\[|\]$/g, '');
  return isIPv6(bare) ? bare : hostname;
}

function pinnedKey(node: Node): string | null {
  const told = node.driverInfo['redfish_ssh_host_key'];
  if (told === undefined || told === null || told === '') return null;
  const text = String(told).replace(/=+$/, '');
  if (/^SHA256:[A-Za-z0-9+/]{43}$/.test(text)) return text;
  throw errors.InvalidParameterValue('Invalid redfish_ssh_host_key: it must be SHA256: and 43 characters of base64.');
}

/** The node's system, read outside of any operation: nothing is noted on the node, nothing is written to the BMC. */
function systemOf(context: RedfishContext, node: Node, signal: AbortSignal) {
  const call: Pick<DriverCall, 'node' | 'purpose' | 'resumed' | 'signal' | 'notes' | 'assertMayWrite'> = {
    node,
    purpose: 'console',
    resumed: false,
    signal,
    notes: { internal: () => {}, raidConfig: () => {}, bootMode: () => {}, secureBoot: () => {} },
    assertMayWrite: () => signal.throwIfAborted(),
  };
  return new RedfishBmc(context, call as DriverCall).system();
}
