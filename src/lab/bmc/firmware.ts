import { readFile } from 'node:fs/promises';
import { refuse } from './refusal.ts';

export type FirmwareKind = 'BIOS' | 'BMC' | 'NIC';

export interface FirmwareItem {
  id: string;
  kind: FirmwareKind;
  name: string;
  version: string;
  previous: string | null;
  /** Waits for the next start of the machine. */
  staged: string | null;
}

const MAGIC = 'INGOT-LAB-FIRMWARE ';

/** A firmware image that lab BMCs accept: one line that says what it is, and padding to a plausible size. */
export function firmwareImage(kind: FirmwareKind, version: string, sizeBytes = 64 * 1024): Buffer {
  const head = Buffer.from(`${MAGIC}${JSON.stringify({ kind, version })}\n`);
  return Buffer.concat([head, Buffer.alloc(Math.max(0, sizeBytes - head.length), 0x5a)]);
}

/** Reads what `firmwareImage` made. Throws ResourceAtUriInUnknownFormat. */
export async function readFirmwareImage(file: string, uri: string): Promise<{ kind: FirmwareKind; version: string }> {
  const bytes = await readFile(file);
  const line = bytes.subarray(0, 512).toString('latin1').split('\n')[0] ?? '';
  try {
    const said = JSON.parse(line.slice(MAGIC.length)) as { kind?: unknown; version?: unknown };
    const kinds: readonly unknown[] = ['BIOS', 'BMC', 'NIC'];
    if (line.startsWith(MAGIC) && kinds.includes(said.kind) && typeof said.version === 'string') {
      return { kind: said.kind as FirmwareKind, version: said.version };
    }
  } catch {
    // told below
  }
  throw refuse('ResourceAtUriInUnknownFormat', uri);
}

/** The firmware in one machine. */
export class Firmware {
  readonly #items: FirmwareItem[];

  /** `versions`: what the machine was made with; a quirk may change them while nothing was installed. */
  constructor(versions: () => { bios: string; bmc: string }, nics: number) {
    this.#items = [
      itemOf('BIOS', 'BIOS', 'System BIOS', () => versions().bios),
      itemOf('BMC', 'BMC', 'BMC Firmware', () => versions().bmc),
      ...Array.from({ length: nics }, (_, i) => itemOf(`NIC.${i + 1}`, 'NIC', `NIC ${i + 1} Firmware`, () => '20.1.0')),
    ];
  }

  list(): readonly FirmwareItem[] {
    return this.#items;
  }

  get(id: string): FirmwareItem | undefined {
    return this.#items.find((i) => i.id === id);
  }

  version(kind: FirmwareKind): string {
    return this.#items.find((i) => i.kind === kind)?.version ?? '';
  }

  install(item: FirmwareItem, version: string): void {
    item.previous = item.version;
    item.version = version;
    item.staged = null;
  }

  /** At a start of the machine: staged images become the firmware. Gives what changed. */
  applyStaged(): FirmwareItem[] {
    const staged = this.#items.filter((i) => i.staged !== null);
    for (const item of staged) this.install(item, item.staged ?? item.version);
    return staged;
  }
}

function itemOf(id: string, kind: FirmwareKind, name: string, made: () => string): FirmwareItem {
  let installed: string | null = null;
  return {
    id,
    kind,
    name,
    get version() {
      return installed ?? made();
    },
    set version(version) {
      installed = version;
    },
    previous: null,
    staged: null,
  };
}
