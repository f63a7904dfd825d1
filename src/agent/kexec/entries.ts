/** What a boot loader would start. Paths are of the file system the entry stands on. */
export interface BootEntry {
  title: string;
  linux: string;
  initrd: string | null;
  options: string;
  /** For comparing: newer is larger. */
  sort: string;
}

/** Reads a Boot Loader Specification entry (type 1); null when it starts no Linux. */
export function parseBls(text: string, name: string): BootEntry | null {
  const values = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const found = /^\s*([a-z][a-z0-9_-]*)\s+(.+?)\s*$/.exec(line);
    if (found === null) continue;
    values.set(found[1] ?? '', [...(values.get(found[1] ?? '') ?? []), found[2] ?? '']);
  }
  const linux = values.get('linux')?.[0];
  if (linux === undefined) return null;
  const title = values.get('title')?.[0] ?? name;
  return {
    title,
    linux,
    // Several initrds would have to be joined; the last one is the system's own, those before it are microcode.
    initrd: values.get('initrd')?.at(-1)?.split(/\s+/).at(-1) ?? null,
    options: (values.get('options') ?? []).join(' '),
    sort: `${values.get('sort-key')?.[0] ?? ''} ${values.get('version')?.[0] ?? name}`,
  };
}

/** The entry a Boot Loader Specification loader takes by itself: the newest version, rescue entries last. */
export function newestBls(entries: readonly BootEntry[]): BootEntry | undefined {
  const rescue = (entry: BootEntry) => /rescue/i.test(`${entry.title} ${entry.linux}`);
  return [...entries].sort(
    (a, b) => Number(rescue(a)) - Number(rescue(b)) || b.sort.localeCompare(a.sort, 'en', { numeric: true }),
  )[0];
}

/** Variables of a `grubenv` file. */
export function parseGrubenv(text: string): Map<string, string> {
  const variables = new Map<string, string>();
  for (const line of text.split('\n')) {
    const found = /^([A-Za-z0-9_]+)=(.*)$/.exec(line);
    if (found !== null && !line.startsWith('#')) variables.set(found[1] ?? '', found[2] ?? '');
  }
  return variables;
}

/**
 * The first entry of a `grub.cfg`, as grub-mkconfig writes them; null when it has none. Only plain `set`, `linux` and
 * `initrd` are understood: a script that computes what it starts cannot be followed from outside.
 */
export function parseGrubCfg(text: string, environment: ReadonlyMap<string, string> = new Map()): BootEntry | null {
  const variables = new Map(environment);
  let title: string | null = null;
  let linux: string | null = null;
  let options = '';
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const set = /^set\s+([A-Za-z0-9_]+)=(.*)$/.exec(line);
    if (set !== null) variables.set(set[1] ?? '', expand(unquote(set[2] ?? ''), variables));
    const entry = /^menuentry\s+(?:'([^']*)'|"([^"]*)")/.exec(line);
    if (entry !== null && linux === null) title = entry[1] ?? entry[2] ?? '';
    const kernel = /^linux(?:16|efi)?\s+(\S+)\s*(.*)$/.exec(line);
    if (kernel !== null && title !== null && linux === null) {
      linux = expand(kernel[1] ?? '', variables);
      options = expand(kernel[2] ?? '', variables)
        .replace(/\s+/g, ' ')
        .trim();
    }
    const initrd = /^initrd(?:16|efi)?\s+(.+)$/.exec(line);
    if (initrd !== null && linux !== null) {
      const last = expand(initrd[1] ?? '', variables)
        .trim()
        .split(/\s+/)
        .at(-1);
      return entryOf(title, linux, last ?? null, options);
    }
    if (line === '}' && linux !== null) return entryOf(title, linux, null, options);
  }
  return linux === null ? null : entryOf(title, linux, null, options);
}

const entryOf = (title: string | null, linux: string, initrd: string | null, options: string): BootEntry => ({
  title: title ?? linux,
  linux: withoutDevice(linux),
  initrd: initrd === null ? null : withoutDevice(initrd),
  options,
  sort: '',
});

/** `(hd0,gpt1)/boot/x` → `/boot/x`. */
const withoutDevice = (path: string) => path.replace(/^\([^)]*\)/, '');
const unquote = (text: string) => text.replace(/^(["'])(.*)\1$/, '$2');

/** Variables that are not known become nothing, as in GRUB. */
function expand(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))/g, (_all, braced, plain) => {
    return variables.get((braced ?? plain) as string) ?? '';
  });
}

/** Sections of a PE file by name: what a unified kernel image holds. Null when it is none. */
export function peSections(file: Buffer): Map<string, Buffer> | null {
  if (file.length < 0x40 || file.toString('latin1', 0, 2) !== 'MZ') return null;
  const pe = file.readUInt32LE(0x3c);
  if (pe + 24 > file.length || file.toString('latin1', pe, pe + 4) !== 'PE\0\0') return null;
  const count = file.readUInt16LE(pe + 6);
  const table = pe + 24 + file.readUInt16LE(pe + 20);
  const sections = new Map<string, Buffer>();
  for (let i = 0; i < count; i++) {
    const at = table + i * 40;
    if (at + 40 > file.length) return null;
    const name = file.toString('latin1', at, at + 8).replace(/\0.*$/s, '');
    const size = Math.min(file.readUInt32LE(at + 8), file.readUInt32LE(at + 16));
    const from = file.readUInt32LE(at + 20);
    if (from + size > file.length) return null;
    sections.set(name, file.subarray(from, from + size));
  }
  return sections;
}
