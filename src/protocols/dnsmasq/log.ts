/** One thing dnsmasq says in its log, as far as it tells what a machine asked for. */
export type DnsmasqEvent =
  | { kind: 'dhcp'; what: string; mac: string | null; address: string | null; detail: string }
  | { kind: 'tftp'; what: 'sent' | 'failed' | 'missing'; file: string; address: string };

/** In the foreground it writes the date before each line. */
const DATE = /^[A-Z][a-z]{2} [ \d]\d [\d:]{8} /;
const DHCP = /^dnsmasq-dhcp(?:\[\d+\])?: (?:\d+ )?((?:DHCP|PXE)[A-Z0-9]*|DHCP[A-Z]+)\(([^)]*)\) ?(.*)$/;
const MAC = /\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/i;
const V4 = /\b\d{1,3}(?:\.\d{1,3}){3}\b/;
const V6 = /(?<![\w:])(?:[0-9a-f]{1,4}:[0-9a-f:]*:[0-9a-f:]*|::[0-9a-f:]+)(?![\w:])/i;

/** Reads a line of dnsmasq's log (with `log-facility=-` or `-d`); null when it tells nothing of a machine. */
export function parseDnsmasqLine(text: string): DnsmasqEvent | null {
  const line = text.replace(DATE, '');
  const dhcp = DHCP.exec(line);
  if (dhcp !== null) {
    const [, what = '', , rest = ''] = dhcp;
    const mac = MAC.exec(rest)?.[0]?.toLowerCase() ?? null;
    const others = mac === null ? rest : rest.replace(new RegExp(mac, 'i'), ' ');
    const address = V4.exec(others)?.[0] ?? V6.exec(others)?.[0] ?? null;
    const detail = others.replace(address ?? ' ', ' ').trim();
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
