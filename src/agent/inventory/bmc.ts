import { type Machine, outputOf } from '../machine/contract.ts';

export interface BmcAddress {
  address: string | null;
  v6address: string | null;
  mac: string | null;
}

const NOBODY: BmcAddress = { address: null, v6address: null, mac: null };
/** Channels that can be a LAN. */
const CHANNELS = 11;

/** Addresses of the machine's own BMC, asked in band; nothing where there is no IPMI device. */
export async function readBmc(machine: Machine): Promise<BmcAddress> {
  if (!(await machine.names('/dev')).some((name) => /^ipmi\d+$/.test(name))) return NOBODY;
  for (let channel = 1; channel <= CHANNELS; channel++) {
    const lan = await outputOf(machine, 'ipmitool', ['lan', 'print', String(channel)]);
    if (lan === null) continue;
    const read = parseLanPrint(lan);
    if (read === null) continue;
    const lan6 = await outputOf(machine, 'ipmitool', ['lan6', 'print', String(channel)]);
    const v6address = lan6 === null ? null : parseLan6Print(lan6);
    if (read.address !== null || v6address !== null) return { ...read, v6address };
  }
  return NOBODY;
}

/** `ipmitool lan print`; null when the channel is no LAN. */
export function parseLanPrint(text: string): { address: string | null; mac: string | null } | null {
  const value = (name: string) => new RegExp(`^${name}\\s*:[ \\t]*(\\S+)`, 'm').exec(text)?.[1];
  const address = value('IP Address');
  const mac = value('MAC Address')?.toLowerCase();
  if (address === undefined && mac === undefined) return null;
  return { address: address === undefined || address === '0.0.0.0' ? null : address, mac: mac ?? null };
}

/** First address of `ipmitool lan6 print` that is not link local; link local is better than none. */
export function parseLan6Print(text: string): string | null {
  const all = [...text.matchAll(/Address\s*:\s*([0-9a-f:]+)(?:\/\d+)?\s*$/gim)].map((match) => match[1] ?? '');
  const real = all.filter((address) => address.includes(':') && address !== '::' && !/^(::)?[0:]*$/.test(address));
  return real.find((address) => !address.toLowerCase().startsWith('fe80')) ?? real[0] ?? null;
}
