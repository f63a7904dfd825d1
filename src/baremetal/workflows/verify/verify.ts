import { messageOf } from '#kernel/errors';
import { refreshCaches } from '../caches.ts';
import { failureText, type Operation } from '../operation.ts';
import type { Segment } from '../segment.ts';
import { automaticSteps, offeredSteps, stepId } from '../steps/listed.ts';
import { validate } from '../validate.ts';

/** Enrolled → manageable: are the settings right, does the BMC answer, and what is the machine's state? */
export const verify: Operation = {
  name: 'verify',
  version: 1,
  historyType: 'verify',
  phases: [{ name: 'verify', run: verifyNode }],
  async fail(segment, _input, failure) {
    await segment.conclude(failureText(failure), {});
  },
};

async function verifyNode(segment: Segment) {
  const { node, interfaces, pending } = segment;
  await doing(`Failed to validate power driver interface for node ${node.uuid}`, () => validate(segment, 'power'));
  await doing(`Failed to get power state for node ${node.uuid}`, async () => {
    pending.power_state = await interfaces.power.get(segment.call('power'));
  });
  const offered = await offeredSteps(interfaces, node, 'verify');
  for (const step of automaticSteps(offered, 'verify', {})) {
    const run = offered.find((one) => stepId(one) === stepId(step));
    await doing(`Node ${node.uuid} failed verify step ${stepId(step)}`, async () => {
      await run?.run(segment.call('verify', segment.resumed), step.args ?? {});
    });
  }
  await refreshCaches(segment);
  await segment.end('done');
  return { kind: 'over' } as const;
}

async function doing(what: string, part: () => Promise<unknown>): Promise<void> {
  try {
    await part();
  } catch (error) {
    throw new Error(`${what}. Error: ${messageOf(error)}`, { cause: error });
  }
}
