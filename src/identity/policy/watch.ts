import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '#kernel/clock';
import type { Log } from '#platform/log';
import type { PolicyEngine } from './engine.ts';
import { parsePolicyFile } from './file.ts';

const LOOK_EVERY_MS = 2_000;

/**
 * Puts the overrides of a file in force and follows its changes. The first reading throws `PolicyBroken` (a
 * service must not start with another policy than asked for); later a file with mistakes is told in the log
 * and the policy before it stays. Gives the way out.
 */
export async function followPolicyFile(
  engine: PolicyEngine,
  file: string,
  clock: Clock,
  log: Log,
): Promise<() => void> {
  let version = '';
  const load = async () => {
    const { mtimeMs, size, ino } = await stat(file);
    const found = `${mtimeMs}.${size}.${ino}`;
    if (found === version) return false;
    const rules = parsePolicyFile(file, await readFile(file, 'utf8'));
    // Remembered before it is tried: a broken file is told once, not every two seconds.
    version = found;
    engine.override(rules);
    log.info({ file, rules: Object.keys(rules).length }, 'policy overrides are in force');
    return true;
  };
  await load();
  let busy = false;
  let failed = '';
  return clock.every(LOOK_EVERY_MS, () => {
    if (busy) return;
    busy = true;
    load()
      .then((changed) => {
        if (changed) failed = '';
      })
      .catch((error: unknown) => {
        const said = String(error);
        if (said !== failed)
          log.error({ file, err: error }, 'the policy file is not usable; the policy before it stays');
        failed = said;
      })
      .finally(() => {
        busy = false;
      });
  });
}
