import type { EraseMethod } from '#agent-api/erase';
import type { Run } from '../commands/command.ts';
import { errors } from '../errors.ts';
import { outputOf } from '../machine/contract.ts';

/** What an NVMe controller can do about its data (`nvme id-ctrl`). */
export interface NvmeAbilities {
  format: boolean;
  formatCrypto: boolean;
  sanitizeCrypto: boolean;
  sanitizeBlock: boolean;
}

/** Reads `nvme id-ctrl -o json`; null when it is none. */
export function parseIdCtrl(text: string): NvmeAbilities | null {
  try {
    const read = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const bits = (name: string) => Number(read[name] ?? 0);
    return {
      format: (bits('oacs') & 0b10) !== 0,
      formatCrypto: (bits('fna') & 0b100) !== 0,
      sanitizeCrypto: (bits('sanicap') & 0b1) !== 0,
      sanitizeBlock: (bits('sanicap') & 0b10) !== 0,
    };
  } catch {
    return null;
  }
}

/** Ways to erase an NVMe namespace, best first. */
export async function nvmeMethods(device: string, run: Run): Promise<EraseMethod[]> {
  const text = await outputOf(run.machine, 'nvme', ['id-ctrl', device, '-o', 'json']);
  const can = text === null ? null : parseIdCtrl(text);
  if (can === null) return [];
  return [
    ...(can.format && can.formatCrypto ? (['nvme-format-crypto'] as const) : []),
    ...(can.format ? (['nvme-format-user-data'] as const) : []),
    ...(can.sanitizeCrypto ? (['nvme-sanitize-crypto'] as const) : []),
    ...(can.sanitizeBlock ? (['nvme-sanitize-block'] as const) : []),
  ];
}

const SANITIZE_MS = 4 * 3_600_000;

/** Erases a namespace. Throws `EraseFailed`. */
export async function nvmeErase(device: string, method: EraseMethod, run: Run): Promise<void> {
  const { machine } = run;
  const options = { timeoutMs: SANITIZE_MS, signal: run.signal };
  if (method === 'nvme-format-crypto' || method === 'nvme-format-user-data') {
    const ses = method === 'nvme-format-crypto' ? '2' : '1';
    await machine.run('nvme', ['format', device, `--ses=${ses}`, '--force', '--timeout=3600000'], options);
    return;
  }
  const controller = device.replace(/n\d+$/, '');
  await machine.run(
    'nvme',
    ['sanitize', controller, method === 'nvme-sanitize-crypto' ? '--sanact=4' : '--sanact=2'],
    options,
  );
  const started = run.clock.monotonic();
  while (run.clock.monotonic() - started < SANITIZE_MS) {
    const text = (await machine.run('nvme', ['sanitize-log', controller, '-o', 'json'])).stdout;
    const state = parseSanitizeLog(text);
    if (state.done) return;
    if (state.failed) throw errors.EraseFailed(device, 'the drive says that its sanitize failed');
    run.progress({ phase: 'erase', what: device, bytes: state.part, total: 65_536 });
    await run.clock.sleep(2000, run.signal);
  }
  throw errors.EraseFailed(device, 'its sanitize did not end');
}

/** Reads `nvme sanitize-log -o json`: how far it is of 65536, and how it ended. */
export function parseSanitizeLog(text: string): { done: boolean; failed: boolean; part: number } {
  let read: Readonly<Record<string, unknown>>;
  try {
    read = JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return { done: false, failed: true, part: 0 };
  }
  // nvme-cli nests the log under the controller's name in some versions.
  const nested = Object.values(read).find((value) => typeof value === 'object' && value !== null);
  const log = 'sprog' in read ? read : ((nested ?? {}) as Readonly<Record<string, unknown>>);
  const status = log['sstat'];
  const raw = typeof status === 'object' && status !== null ? (status as Record<string, unknown>)['status'] : status;
  const code = Number.parseInt(String(raw), String(raw).startsWith('0x') ? 16 : 10) & 0b111;
  return { done: code === 1 || code === 4, failed: code === 3, part: Number(log['sprog'] ?? 0) };
}
