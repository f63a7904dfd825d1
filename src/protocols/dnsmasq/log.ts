/** One thing dnsmasq says in its log, as far as it tells what a machine asked for. */
export type DnsmasqEvent =
  | { kind: 'dhcp'; what: string; mac: string | null; address: string | null; detail: string }
  | { kind: 'tftp'; what: 'sent' | 'failed' | 'missing'; file: string; address: string };

/** In the foreground it writes the date before each line. */
const DATE = /^[A-Z][a-z]{2} [ \d]\d [\d:]{8} /;
const DHCP = /^dnsmasq-dhcp(?:\[\d+\])?: (?:\d+ )?((?:DHCP|PXE)[A-Z0-9]*|DHCP[A-Z]+)\(([^)]*)\) ?(.*)$/;
/** The same request: its number and who sent it, told before each of its lines (with `log-dhcp`). */
const CLIENT = /^dnsmasq-dhcp(?:\[\d+\])?: (\d+) client MAC address: ((?:[0-9a-f]{2}:){5}[0-9a-f]{2})$/i;
const NUMBER = /^dnsmasq-dhcp(?:\[\d+\])?: (\d+) /;
/** Names a machine in DHCPv6; its first bytes look like a MAC, and are none. */
const DUID = /\b(?:[0-9a-f]{2}:){6,}[0-9a-f]{2}\b/i;
const MAC = /\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/i;
const V4 = /\b\d{1,3}(?:\.\d{1,3}){3}\b/;
const V6 = /(?<![\w:])(?:[0-9a-f]{1,4}:[0-9a-f:]*:[0-9a-f:]*|::[0-9a-f:]+)(?![\w:])/i;

/**
 * Reads dnsmasq's log line after line. In DHCPv6 machines are named by a DUID; which MAC that is stands in a line before.
 */
export function dnsmasqLogReader(): (line: string) => DnsmasqEvent | null {
  let asking = { number: '', mac: '' };
  return (text) => {
    const line = text.replace(DATE, '');
    const client = CLIENT.exec(line);
    if (client !== null) asking = { number: client[1] ?? '', mac: client[2]?.toLowerCase() ?? '' };
    const event = parseDnsmasqLine(line);
    if (event?.kind !== 'dhcp' || event.mac !== null || NUMBER.exec(line)?.[1] !== asking.number) return event;
    return { ...event, mac: asking.mac };
  };
}

/** Reads a line of dnsmasq's log (with `log-facility=-` or `-d`); null when it tells nothing of a machine. */
export function parseDnsmasqLine(text: string): DnsmasqEvent | null {
  const line = text.replace(DATE, '');
  const dhcp = DHCP.exec(line);
  if (dhcp !== null) {
    const [, what = '', , told = ''] = dhcp;
    const rest = told.replace(DUID, ' ');
    const mac = MAC.exec(rest)?.[0]?.toLowerCase() ?? null;
    const others = mac === null ? rest : rest.replace(new RegExp(mac, 'i'), ' ');
    const address = V4.exec(others)?.[0] ?? V6.exec(others)?.[0] ?? null;
    const detail = others
      .replace(address ?? ' ', ' ')
      .replace(/\s+/g, ' ')
      .trim();
    return { kind: 'dhcp', what, mac, address, detail };
  }
  const sent = /^dnsmasq-tftp(?:\[\d+\])?: sent (\S.*) to (\S+)$/.exec(line);
  if (sent !== null) return { kind: 'tftp', what: 'sent', file: sent[1] ?? '', address: sent[2] ?? '' };
  const failed = /^dnsmasq-tftp(?:\[\d+\])?: failed sending (\S.*) to (\S+)$/.exec(line);
  if (failed !== null) return { kind: 'tftp', what: 'failed', file: failed[1] ?? '', address: failed[2] ?? '' };
  const missing =
    /^dnsmasq-tftp(?:\[\d+\])?: (?:file (\S.*) not found|cannot access (\S.*?):.*) (?:for|to) (\S+)$/.exec(line);
  if (missing !== null)
    return { kind: 'tftp', what: 'missing', file: missing[1] ?? missing[2] ?? '', address: missing[3] ?? '' };
  return null;
}
