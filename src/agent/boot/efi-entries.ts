/** A boot entry of the firmware, as efibootmgr lists it. */
export interface EfiEntry {
  id: string;
  active: boolean;
  label: string;
  /** What follows the label with `-v`: the device path. */
  path: string;
}

export interface EfiBoot {
  current: string | null;
  order: readonly string[];
  entries: readonly EfiEntry[];
}

/** Reads `efibootmgr -v`. */
export function parseEfibootmgr(text: string): EfiBoot {
  const value = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]?.trim();
  const entries = [...text.matchAll(/^Boot([0-9A-F]{4})(\*?) +([^\t\n]*)(?:\t(.*))?$/gm)].map((match) => ({
    id: match[1] ?? '',
    active: match[2] === '*',
    label: (match[3] ?? '').trim(),
    path: (match[4] ?? '').trim(),
  }));
  return {
    current: value('BootCurrent') ?? null,
    order: (value('BootOrder') ?? '').split(',').filter((id) => id !== ''),
    entries,
  };
}

/** Loaders a distribution leaves on the ESP, best first; `BOOTX64.EFI` is what firmware starts by itself. */
export function knownLoaders(arch: string): readonly string[] {
  const suffix = arch === 'aarch64' ? 'AA64' : 'X64';
  const lower = suffix.toLowerCase();
  return [`shim${lower}.efi`, `grub${lower}.efi`, `BOOT${suffix}.EFI`, `systemd-boot${lower}.efi`];
}

/**
 * Reads a `BOOT.CSV` of shim (UCS-2 with a byte order mark, or plain text): the loader's file name and its label.
 * Null when there is none of use.
 */
export function parseBootCsv(bytes: Buffer): { loader: string; label: string } | null {
  const wide = bytes.length >= 2 && (bytes.readUInt16LE(0) === 0xfeff || bytes[1] === 0);
  const text = bytes.toString(wide ? 'utf16le' : 'utf8').replace(/^\ufeff/, '');
  const [loader = '', label = ''] = (text.split(/\r?\n/)[0] ?? '').split(',');
  const clean = loader.trim();
  // A file beside the list, never a path: the image is not to name other places.
  if (!/^[A-Za-z0-9._-]+\.efi$/i.test(clean)) return null;
  const shown = label
    .replace(/[^\x20-\x7e]/g, '')
    .trim()
    .slice(0, 60);
  return { loader: clean, label: shown === '' ? 'Linux' : shown };
}
