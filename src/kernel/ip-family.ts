import { isIP } from 'node:net';

/**
 * 4 or 6 for the text of an IP address, 0 for every other. An IPv6 address with a zone (`fe80::1%eth0`, RFC 4007
 * section 11) counts as none, other than with Node's isIP: a zone names a card of one host, and neither a database,
 * a switch nor another host can take it.
 */
export function ipFamily(text: string): 0 | 4 | 6 {
  return text.includes('%') ? 0 : (isIP(text) as 0 | 4 | 6);
}
