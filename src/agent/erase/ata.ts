import type { EraseMethod } from '#agent-api/erase';
import type { Run } from '../commands/command.ts';
import { errors } from '../errors.ts';
import { outputOf } from '../machine/contract.ts';

/** The password of the moment between setting one and the erase that removes it; a public word on purpose. */
const PASSWORD = 'NULL';

/** The security feature set of an ATA drive, as `hdparm -I` shows it. */
export interface AtaSecurity {
  supported: boolean;
  enabled: boolean;
  locked: boolean;
  frozen: boolean;
  enhanced: boolean;
  minutes: number;
  enhancedMinutes: number;
}

/** Reads the `Security:` part of `hdparm -I`; null when there is none. */
export function parseSecurity(text: string): AtaSecurity | null {
  const part = /^Security:\s*$([\s\S]*?)(?=^\S|(?![\s\S]))/m.exec(text)?.[1];
  if (part === undefined) return null;
  const lines = part.split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
  const is = (word: string) => lines.includes(word);
  const minutes = (name: string) => Number(new RegExp(`(\\d+)min for ${name}`).exec(part)?.[1] ?? 0);
  return {
    supported: is('supported'),
    enabled: is('enabled'),
    locked: is('locked'),
    frozen: is('frozen'),
    enhanced: is('supported: enhanced erase'),
    minutes: minutes('SECURITY ERASE UNIT'),
    enhancedMinutes: minutes('ENHANCED SECURITY ERASE UNIT'),
  };
}

async function securityOf(device: string, run: Run): Promise<AtaSecurity | null> {
  const text = await outputOf(run.machine, 'hdparm', ['-I', device]);
  return text === null ? null : parseSecurity(text);
}

/** Ways to erase an ATA drive, and why there are none. */
export async function ataMethods(device: string, run: Run): Promise<{ methods: EraseMethod[]; why: string | null }> {
  const security = await securityOf(device, run);
  if (security === null || !security.supported) return { methods: [], why: 'the drive has no security feature set' };
  if (security.frozen) return { methods: [], why: 'the firmware froze the security of the drive' };
  return {
    methods: security.enhanced ? ['ata-secure-erase-enhanced', 'ata-secure-erase'] : ['ata-secure-erase'],
    why: null,
  };
}

/**
 * SECURITY ERASE UNIT: set a password, erase, which removes it. A drive that an interrupted erase left locked is
 * unlocked first; when the erase fails, the password is taken off again. Throws `EraseFailed`.
 */
export async function ataErase(device: string, method: EraseMethod, run: Run): Promise<void> {
  const hdparm = async (timeoutMs: number, ...args: string[]) =>
    await run.machine.run('hdparm', ['--user-master', 'u', ...args, device], { timeoutMs, signal: run.signal });
  const before = await securityOf(device, run);
  if (before === null) throw errors.EraseFailed(device, 'it no longer answers');
  if (before.locked) await hdparm(60_000, '--security-unlock', PASSWORD);
  if (before.enabled) await hdparm(60_000, '--security-disable', PASSWORD);
  await hdparm(60_000, '--security-set-pass', PASSWORD);
  const enhanced = method === 'ata-secure-erase-enhanced';
  const minutes = enhanced ? before.enhancedMinutes : before.minutes;
  try {
    const verb = enhanced ? '--security-erase-enhanced' : '--security-erase';
    // Drives are slower than they say; a drive that says nothing gets half a day.
    await hdparm((minutes > 0 ? minutes * 2 + 10 : 720) * 60_000, verb, PASSWORD);
  } catch (error) {
    await outputOf(run.machine, 'hdparm', ['--user-master', 'u', '--security-unlock', PASSWORD, device]);
    await outputOf(run.machine, 'hdparm', ['--user-master', 'u', '--security-disable', PASSWORD, device]);
    throw errors.EraseFailed(device, 'the drive refused its secure erase', { cause: error });
  }
  if ((await securityOf(device, run))?.enabled !== false) {
    throw errors.EraseFailed(device, 'it still has a password after its secure erase');
  }
}
