import type { ChildProcess } from 'node:child_process';
import { access, mkdir } from 'node:fs/promises';
import { type Clock, systemClock } from '#kernel/clock';
import { errors } from '../../errors.ts';
import { startBound } from '../../bound.ts';

/** A TPM 2.0 (swtpm) whose state lives in `dir` and whose control socket is `dir/sock`. Ends with its QEMU. */
export async function startTpm(dir: string, clock: Clock = systemClock): Promise<ChildProcess> {
  await mkdir(dir, { recursive: true });
  const socket = `${dir}/sock`;
  const args = ['socket', '--tpm2', '--tpmstate', `dir=${dir}`, '--ctrl', `type=unixio,path=${socket}`, '--terminate'];
  const child = startBound('swtpm', args, 'swtpm');
  const until = clock.monotonic() + 5_000;
  while (clock.monotonic() < until) {
    try {
      await access(socket);
      return child;
    } catch {
      if (child.exitCode !== null) break;
      await clock.sleep(10);
    }
  }
  child.kill('SIGKILL');
  throw errors.LabMachineFailed(dir, 'its TPM did not start');
}
