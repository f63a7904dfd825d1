import { BlockList, isIP } from 'node:net';
import { errors } from './errors.ts';

/** Addresses no agent has: this host, link-local ones (cloud metadata among them), multicast, nobody's. */
const NEVER = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/128',
  '::1/128',
  'fe80::/10',
  'ff00::/8',
];

/** Which addresses an agent may have. */
export class AgentNetworks {
  readonly #allowed: BlockList | null;
  readonly #never: BlockList;

  /** `networks` in CIDR notation; none: every address that a machine can have. Throws TypeError for what is none. */
  constructor(networks: readonly string[] = []) {
    this.#allowed = networks.length === 0 ? null : blockList(networks);
    this.#never = blockList(NEVER);
  }

  /** Checks the URL an agent says it answers at. Throws AgentAddressRefused. */
  check(url: string): URL {
    if (!URL.canParse(url)) throw errors.AgentAddressRefused(url.slice(0, 200), 'it is no URL');
    const parsed = new URL(url);
    const refused = (why: string) => errors.AgentAddressRefused(parsed.host, why);
    if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') throw refused('it is neither https nor http');
    if (parsed.username !== '' || parsed.password !== '') throw refused('it carries credentials');
    const host = parsed.hostname.replace(/^\[|\]$/g, '');
    const kind = isIP(host);
    if (kind === 0) throw refused('names are not looked up, it must be an IP address');
    const family = kind === 4 ? 'ipv4' : 'ipv6';
    const inside = this.#allowed === null ? !this.#never.check(host, family) : this.#allowed.check(host, family);
    if (!inside) throw refused('it is outside the networks of agents');
    return parsed;
  }
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix = ''] = network.split('/');
    const kind = isIP(address);
    const bits = Number(prefix);
    if (kind === 0 || prefix === '' || !Number.isInteger(bits) || bits < 0 || bits > (kind === 4 ? 32 : 128)) {
      throw new TypeError(`"${network}" is no network, such as 10.20.0.0/16`);
    }
    list.addSubnet(address, bits, kind === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}
