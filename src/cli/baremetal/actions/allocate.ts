import { baremetal } from '#sdk/generated/baremetal';
import type { Row } from '#sdk/pages';
import { type Verdict, waitFor } from '#sdk/wait';
import { callBy, type CommandContext } from '../context.ts';
import { facts } from '../typed.ts';
import { Progress, waitSeconds, waiting } from '../progress.ts';
import { fieldsOf } from '../values.ts';

/** `allocation create`; with `--wait` until there is a node, or it is plain that there will be none. */
export async function createAllocation(context: CommandContext): Promise<void> {
  const { spec, typed } = context;
  const seconds = waitSeconds(typed.options['wait']);
  let made = (await callBy(context, 'allocationCreate', { body: fieldsOf(spec, typed.options) })) as Row;
  if (seconds !== undefined) {
    const progress = new Progress(context.connection.clock);
    made = await waiting(progress, () =>
      waitFor({
        connection: context.connection,
        topic: 'allocations',
        operation: baremetal.allocationShow,
        params: { allocation_ident: String(made['uuid']) },
        judge: judgeAllocation,
        onLook: (seen) => progress.show(String(made['name'] ?? made['uuid']), String(seen['state']), ''),
        timeoutMs: seconds * 1000,
      }),
    );
  }
  await context.out.one(facts(made));
}

function judgeAllocation({ state, last_error: error }: Row): Verdict {
  if (state === 'active') return { done: true };
  return state === 'error' ? { done: false, failed: String(error ?? 'There is no node for it.') } : { done: false };
}
