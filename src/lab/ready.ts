import type { ChildProcess } from 'node:child_process';
import type { Clock } from '#kernel/clock';
import { errors } from './errors.ts';
import type { InsideReady } from './inside.ts';

/** The lab's first line; throws with what it said when it is no good, or with nothing when it just ended. */
export function labReady(child: ChildProcess, timeoutMs: number, clock: Clock): Promise<InsideReady> {
  return new Promise((resolve, reject) => {
    let text = '';
    const cancel = clock.after(timeoutMs, () => reject(errors.LabTimeout('the start of the lab', timeoutMs)));
    child.once('exit', (code) => {
      cancel();
      reject(errors.LabMachineFailed('lab', `it ended with ${code} before it was ready`));
    });
    child.once('error', reject);
    child.stdout?.on('data', (bytes: Buffer) => {
      text += bytes.toString('utf8');
      const end = text.indexOf('\n');
      if (end < 0) return;
      cancel();
      child.stdout?.removeAllListeners('data');
      child.stdout?.resume();
      const said = JSON.parse(text.slice(0, end)) as InsideReady | { ready: false; error: string };
      if (said.ready) resolve(said);
      else reject(errors.LabMachineFailed('lab', said.error));
    });
  });
}
