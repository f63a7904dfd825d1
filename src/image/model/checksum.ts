import { errors } from '../errors.ts';

const LENGTHS: Readonly<Record<number, 'sha256' | 'sha512'>> = { 64: 'sha256', 128: 'sha512' };

export interface Checksum {
  algorithm: 'sha256' | 'sha512';
  hex: string;
}

/** A digest as people write it: `sha256:<hex>`, `sha512:<hex>` or the hex alone. Undefined for a URL. */
export function checksumOf(text: string): Checksum | undefined {
  if (/^https?:\/\//i.test(text)) return undefined;
  const found = /^(?:(sha256|sha512):)?([0-9a-f]+)$/i.exec(text.trim());
  const hex = (found?.[2] ?? '').toLowerCase();
  const algorithm = LENGTHS[hex.length];
  if (algorithm === undefined)
    throw errors.ImageChecksumUnknown('it is neither a sha256 nor a sha512 in hex, nor a URL');
  if (found?.[1] !== undefined && found[1].toLowerCase() !== algorithm)
    throw errors.ImageChecksumUnknown(`it is no ${found[1]}`);
  return { algorithm, hex };
}

/** The digest of `fileName` in a checksum file: `<hex>  name`, `SHA256 (name) = <hex>`, or one digest alone. */
export function fromChecksumFile(text: string, fileName: string): Checksum {
  const lines = text
    .slice(0, 1024 * 1024)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  for (const line of lines) {
    const gnu = /^\\?([0-9a-fA-F]{64}|[0-9a-fA-F]{128})\s+\*?(?:\.\/)?(.+)$/.exec(line.trim());
    const bsd = /^SHA(?:256|512) \((.+)\) = ([0-9a-fA-F]+)$/.exec(line.trim());
    const [name, hex] = gnu === null ? [bsd?.[1], bsd?.[2]] : [gnu[2], gnu[1]];
    if (name?.trim() === fileName && hex !== undefined) return checksumOf(hex) as Checksum;
  }
  const only = lines.length === 1 ? /^([0-9a-fA-F]{64}|[0-9a-fA-F]{128})$/.exec((lines[0] ?? '').trim()) : null;
  if (only?.[1] !== undefined) return checksumOf(only[1]) as Checksum;
  throw errors.ImageChecksumUnknown(`the checksum file does not name ${fileName}`);
}
