import type { SerialParts } from '#contracts/console';
import type { ConsoleInterface } from '../contract.ts';
import { pageConsole } from '../none/page-console.ts';
import type { IpmiTools } from './bmc.ts';
import { IPMI_PROPERTIES, ipmiTarget } from './settings.ts';

/**
 * Serial over LAN, under our name and under Ironic's two, which nodes enrolled elsewhere bring along: here all three
 * are recorded and shown by the console room, and none opens a port of its own.
 */
export function ipmiConsoles(tools: IpmiTools): ConsoleInterface[] {
  const serial: NonNullable<ConsoleInterface['serial']> = (node, parts) =>
    tools.openLine(ipmiTarget(node), wishOf(parts));
  return ['ipmitool', 'ipmitool-socat', 'ipmitool-shellinabox'].map((name) => ({
    ...pageConsole,
    name,
    properties: IPMI_PROPERTIES,
    validate: (node) => void ipmiTarget(node),
    serial,
  }));
}

/** What a protocol needs of what the recorder gives. */
export function wishOf(parts: SerialParts) {
  return {
    data: parts.data,
    signal: parts.signal,
    beforeWrite() {
      parts.signal.throwIfAborted();
      parts.lease.assertHeld();
    },
  };
}
