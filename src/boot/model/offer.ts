import type { BootRequest } from '#contracts/boot';

/** A boot that is offered to a node now. */
export interface Offer {
  nodeUuid: string;
  nonce: string;
  request: BootRequest;
  createdAt: number;
  /** null: until withdrawn (a machine that boots its disk). */
  expiresAt: number | null;
}

/** `01-52-54-…`, as PXE loaders write an Ethernet address. */
export function pxeMac(mac: string): string {
  return `01-${mac.replaceAll(':', '-')}`;
}

/** A MAC as loaders may write it, in our spelling; null when it is none. */
export function macOf(text: string): string | null {
  const bare = text
    .toLowerCase()
    .replaceAll('-', ':')
    .replace(/^01:(?=([0-9a-f]{2}:){5}[0-9a-f]{2}$)/, '');
  return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(bare) ? bare : null;
}
