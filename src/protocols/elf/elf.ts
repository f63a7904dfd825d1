import { open } from 'node:fs/promises';
import { defineErrors } from '#kernel/errors';

const errors = defineErrors({
  ElfBroken: [500, (file: string, why: string) => `${file} is not a program this can read: ${why}`],
});

/** What a program or library says it needs, read from its file; nothing of it runs. */
export interface ElfFacts {
  /** The loader, such as `/lib64/ld-linux-x86-64.so.2`; null for libraries and static programs. */
  interpreter: string | null;
  /** Names of libraries, in order. */
  needed: readonly string[];
  /** Folders it looks into first; `$ORIGIN` is left in. */
  runpath: readonly string[];
  /** Where the bytes that are ever loaded end; symbols and debugging facts lie behind. */
  loadedEnd: number;
}

const PT = { load: 1, dynamic: 2, interp: 3 } as const;
const DT = { needed: 1, strtab: 5, strsz: 10, rpath: 15, runpath: 29 } as const;

/** Reads a 64-bit little-endian ELF file (System V ABI). null when the file is none. Throws ElfBroken. */
export async function readElf(file: string): Promise<ElfFacts | null> {
  const handle = await open(file, 'r');
  try {
    const at = async (offset: number, length: number): Promise<Buffer> => {
      if (length > 1 << 24) throw errors.ElfBroken(file, 'a table of it is too long');
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, offset);
      if (bytesRead !== length) throw errors.ElfBroken(file, 'it ends too early');
      return buffer;
    };
    const { size } = await handle.stat();
    if (size < 64) return null;
    const head = await at(0, 64);
    if (head.toString('latin1', 0, 4) !== '\x7fELF') return null;
    if (head[4] !== 2 || head[5] !== 1) throw errors.ElfBroken(file, 'it is not 64 bits, little-endian');
    const segments = parseSegments(
      await at(Number(head.readBigUInt64LE(32)), head.readUInt16LE(54) * head.readUInt16LE(56)),
      head.readUInt16LE(54),
    );
    const loads = segments.filter((s) => s.type === PT.load);
    const interp = segments.find((s) => s.type === PT.interp);
    const dynamic = segments.find((s) => s.type === PT.dynamic);
    const tags = dynamic === undefined ? [] : parseDynamic(await at(dynamic.offset, dynamic.size));
    const valueOf = (tag: number) => tags.find((t) => t.tag === tag)?.value;
    const table = valueOf(DT.strtab);
    const holder = loads.find((s) => table !== undefined && table >= s.address && table < s.address + s.size);
    const strings =
      table === undefined || holder === undefined
        ? Buffer.alloc(0)
        : await at(table - holder.address + holder.offset, valueOf(DT.strsz) ?? 0);
    const text = (value: number) => strings.toString('latin1', value, strings.indexOf(0, value));
    return {
      interpreter:
        interp === undefined ? null : (await at(interp.offset, interp.size)).toString('latin1').replace(/\0.*$/s, ''),
      needed: tags.filter((t) => t.tag === DT.needed).map((t) => text(t.value)),
      runpath: tags.filter((t) => t.tag === DT.runpath || t.tag === DT.rpath).flatMap((t) => text(t.value).split(':')),
      loadedEnd: Math.max(64, ...loads.map((s) => s.offset + s.size)),
    };
  } finally {
    await handle.close();
  }
}

/**
 * A program without its symbols and debugging facts, as `strip` would leave it for running: what is never loaded is
 * cut off, and the header no longer speaks of it. Throws ElfBroken.
 */
export async function strippedProgram(file: string): Promise<Buffer> {
  const facts = await readElf(file);
  if (facts === null) throw errors.ElfBroken(file, 'it is no ELF file');
  const handle = await open(file, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(facts.loadedEnd), 0, facts.loadedEnd, 0);
    buffer.writeBigUInt64LE(0n, 40); // e_shoff
    buffer.writeUInt16LE(0, 60); // e_shnum
    buffer.writeUInt16LE(0, 62); // e_shstrndx
    return buffer;
  } finally {
    await handle.close();
  }
}

function parseSegments(table: Buffer, entry: number) {
  const found: { type: number; offset: number; address: number; size: number }[] = [];
  for (let at = 0; entry >= 56 && at + entry <= table.length; at += entry) {
    found.push({
      type: table.readUInt32LE(at),
      offset: Number(table.readBigUInt64LE(at + 8)),
      address: Number(table.readBigUInt64LE(at + 16)),
      size: Number(table.readBigUInt64LE(at + 32)),
    });
  }
  return found;
}

function parseDynamic(table: Buffer) {
  const found: { tag: number; value: number }[] = [];
  for (let at = 0; at + 16 <= table.length; at += 16) {
    const tag = Number(table.readBigInt64LE(at));
    if (tag === 0) break;
    found.push({ tag, value: Number(table.readBigUInt64LE(at + 8)) });
  }
  return found;
}
