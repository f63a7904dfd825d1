import type { Params, Run } from '../commands/command.ts';
import { parseEfibootmgr } from '../boot/efi-entries.ts';
import { errors } from '../errors.ts';
import { isUefi } from '../inventory/inventory.ts';

const PSTORE = '/sys/fs/pstore';
/** Entries that installers of operating systems leave; those of the firmware itself are not touched. */
const DEFAULT_PATTERNS = ['^HD\\(', '\\.efi'];
const PATTERN = /^[\x20-\x7e]{1,200}$/;

/** Removes kernel crash dumps of the last tenant from the firmware's storage. */
export async function erasePstore(run: Run): Promise<{ result: string }> {
  const files = await run.machine.names(PSTORE);
  for (const file of files) await run.machine.remove(`${PSTORE}/${file}`);
  const left = await run.machine.names(PSTORE);
  if (left.length > 0) throw errors.EraseFailed(PSTORE, `${left.length} records stay`);
  return { result: `${files.length} crash records were removed` };
}

/**
 * Removes UEFI boot entries that point at files on disks: the last tenant's. `match_patterns` are regular
 * expressions on the device path; without them, entries of disks.
 */
export async function cleanUefiNvram(args: Params, run: Run): Promise<{ result: string }> {
  if (!(await isUefi(run.machine))) return { result: 'started by BIOS: there are no entries' };
  const given = args['match_patterns'];
  const patterns = (Array.isArray(given) && given.length > 0 ? given.map(String) : DEFAULT_PATTERNS).map(compile);
  const { entries, current } = parseEfibootmgr((await run.machine.run('efibootmgr', ['-v'])).stdout);
  // The entry this ramdisk came by is needed for the next boot.
  const old = entries.filter((entry) => entry.id !== current && patterns.some((pattern) => pattern.test(entry.path)));
  for (const entry of old) await run.machine.run('efibootmgr', ['-b', entry.id, '-B']);
  return { result: `${old.length} boot entries were removed: ${old.map((entry) => entry.label).join(', ')}` };
}

function compile(text: string): RegExp {
  try {
    if (PATTERN.test(text)) return new RegExp(text, 'i');
  } catch {
    // Said below.
  }
  throw errors.BadParameters(`'match_patterns' has ${JSON.stringify(text)}, which is no regular expression`);
}
