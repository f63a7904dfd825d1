import { IngotError } from '#kernel/errors';
import type { Resource, Written } from '#protocols/redfish/client';
import { errors as redfishErrors } from '#protocols/redfish/errors';
import { isJson, linkOf, objectsOf, textOf } from '#protocols/redfish/json';
import type { RedfishBmc } from './bmc.ts';

/** How a task stands (DSP0268, Task). What is not here is still at work: `New`, `Pending`, `Suspended`… */
const ENDED: Record<string, 'done' | 'failed'> = {
  Completed: 'done',
  Exception: 'failed',
  Killed: 'failed',
  Cancelled: 'failed',
  Interrupted: 'failed',
};

/** Pauses between looks grow from the first to the last. */
const FIRST_PAUSE_MS = 100;
const PAUSE_MS = 1_000;
/** Some show a new task only after a while (Dell). */
const APPEARS_WITHIN_MS = 30_000;

/** `gone`: it was there and is no more, so nobody can say how it ended. `reset`: it waits for a reset. */
export type TaskEnd = 'done' | 'gone' | 'reset';

/**
 * Waits for the task a write began, through restarts of the BMC; a write without one is done. `untilReset`: come
 * back when it waits for a reset of the machine. Throws RedfishTaskFailed, RedfishTaskLate.
 */
export async function awaitTask(
  bmc: RedfishBmc,
  written: Written,
  what: string,
  withinMs: number,
  untilReset = false,
): Promise<TaskEnd> {
  const links = taskLinks(written);
  if (links.length === 0) return 'done';
  const { clock } = bmc;
  const started = clock.monotonic();
  let seen = false;
  let pause = FIRST_PAUSE_MS;
  while (clock.monotonic() - started < withinMs) {
    const task = await look(bmc, links);
    if (task === 'nothing') {
      if (seen) return 'gone';
      if (clock.monotonic() - started > APPEARS_WITHIN_MS) return 'gone';
    } else if (task !== 'away') {
      seen = true;
      const end = endOf(task, what);
      if (end !== undefined) return end;
      if (untilReset && waitsForReset(task)) return 'reset';
    }
    await clock.sleep(pause, bmc.ask.signal);
    pause = Math.min(pause * 2, PAUSE_MS);
  }
  throw redfishErrors.RedfishTaskLate(what, Math.round(withinMs / 1000));
}

/** The task itself goes before its monitor, which some makes answer without sense (HPE iLO 5). */
function taskLinks(written: Written): string[] {
  const { body, location, status } = written;
  const own = isJson(body) && String(body['@odata.type']).includes('Task') ? linkOf(body) : null;
  if (own === null && status !== 202) return [];
  const isMonitor = (link: string) => /monitor/i.test(link);
  return [own, location].filter((link) => link !== null).sort((a, b) => Number(isMonitor(a)) - Number(isMonitor(b)));
}

async function look(bmc: RedfishBmc, links: readonly string[]): Promise<Resource | 'nothing' | 'away'> {
  for (const link of links) {
    try {
      const found = await bmc.client.find(link, bmc.ask);
      if (found !== undefined && textOf(found.body['TaskState']) !== null) return found;
    } catch (error) {
      bmc.ask.signal?.throwIfAborted();
      if (!(error instanceof IngotError)) throw error;
      return 'away'; // the BMC restarts, or has no answer just now
    }
  }
  return 'nothing';
}

function endOf(task: Resource, what: string): 'done' | undefined {
  const { body } = task;
  const end = ENDED[textOf(body['TaskState']) ?? ''];
  if (end === undefined) return undefined;
  const texts = objectsOf(body['Messages']).map((one) => textOf(one['Message']) ?? '');
  const last = texts.filter((one) => one !== '').at(-1) ?? textOf(body['TaskState']) ?? '';
  // Dell calls completed what is still at work, and what ended with errors
  if (end === 'done' && /(is processing|in progress|at work)/i.test(last)) return undefined;
  const isBad = textOf(body['TaskStatus']) === 'Critical' || texts.some((one) => /(with errors|partial)/i.test(one));
  if (end === 'failed' || isBad) throw redfishErrors.RedfishTaskFailed(what, last);
  return 'done';
}

function waitsForReset({ body }: Resource): boolean {
  if (textOf(body['TaskState']) === 'Pending') return true;
  return objectsOf(body['Messages']).some((one) => /ResetRequired|reboot/i.test(String(one['MessageId'])));
}
