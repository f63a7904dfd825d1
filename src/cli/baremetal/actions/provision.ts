import { baremetal } from '#sdk/generated/baremetal';
import type { Row } from '#sdk/pages';
import { type Verdict, waitFor } from '#sdk/wait';
import { callBy, type CommandContext, UsageError } from '../context.ts';
import { each } from '../each.ts';
import { targets } from '../typed.ts';
import { Progress, waitSeconds, waiting } from '../progress.ts';
import { fieldsOf } from '../values.ts';

interface Verb {
  target: string;
  /** State that `--wait` waits for. */
  reaches?: string;
}

/** Milliseconds a server may take to begin: until then a node in its old state has not failed. */
const BEGIN_MS = 5000;
const LOOK = [
  'uuid',
  'name',
  'provision_state',
  'target_provision_state',
  'provision_updated_at',
  'last_error',
  'clean_step',
];

/** A verb of the provisioning machine on each node, then `--wait`. */
export async function provision(context: CommandContext, { target, reaches }: Verb): Promise<void> {
  const { spec, typed } = context;
  const body: Row = { target, ...fieldsOf(spec, typed.options) };
  const seconds = reaches === undefined ? undefined : waitSeconds(typed.options['wait']);
  if (body['runbook'] !== undefined && (body['disable_ramdisk'] ?? body['clean_steps'] ?? body['service_steps'])) {
    throw new UsageError('--runbook brings its own steps and its own --disable-ramdisk.');
  }
  const begun: string[] = [];
  let refused: unknown;
  await each(context, targets(context), async (node) => {
    await callBy(context, 'nodeStatesProvision', { params: { node_ident: node }, body });
    begun.push(node);
  }).catch((error: unknown) => {
    refused = error;
  });
  // Those who were not refused are on their way, whatever became of the others.
  if (seconds !== undefined && reaches !== undefined && begun.length > 0) {
    const progress = new Progress(context.connection.clock);
    await waiting(progress, () =>
      Promise.all(begun.map((node) => reachState(context, node, reaches, seconds, progress))).then(() => undefined),
    );
  }
  if (refused !== undefined) throw refused;
}

/**
 * Waits until the node is in the state, with its progress shown under `name`. Throws SdkError when it cannot get
 * there any more, or not within `seconds` (0: no end).
 */
export async function reachState(
  { connection, events }: Pick<CommandContext, 'connection' | 'events'>,
  node: string,
  wanted: string,
  seconds: number,
  progress: Progress,
  name = node,
): Promise<void> {
  const { clock } = connection;
  const began = clock.monotonic();
  const seen = { moved: false };
  const fields = [
    ...LOOK,
    ...(connection.minor >= 44 ? ['deploy_step'] : []),
    ...(connection.minor >= 87 ? ['service_step'] : []),
  ];
  await waitFor({
    connection,
    events,
    topic: 'nodes',
    operation: baremetal.nodeShow,
    params: { node_ident: node },
    query: { fields },
    timeoutMs: seconds * 1000,
    judge: (facts) => judgeNode(name, facts, wanted, seen, clock.monotonic() - began),
    onLook: (facts) => progress.show(name, String(facts['provision_state']), stepOf(facts)),
  });
}

/** Is it there, can it still come there? */
export function judgeNode(
  node: string,
  facts: Row,
  wanted: string,
  seen: { moved: boolean },
  sinceMs: number,
): Verdict {
  const state = String(facts['provision_state']);
  const moving = typeof facts['target_provision_state'] === 'string';
  if (moving) seen.moved = true;
  if (state === wanted && !moving) return { done: true };
  const error = typeof facts['last_error'] === 'string' ? `: ${facts['last_error']}` : '';
  if (state === 'error' || state.endsWith(' failed')) {
    return { done: false, failed: `${node} is in the state "${state}"${error}` };
  }
  // At rest somewhere else: it was turned back (manage ends in enroll again), or has not begun yet.
  if (!moving && (seen.moved || sinceMs > BEGIN_MS)) {
    return { done: false, failed: `${node} came to rest in "${state}" instead of "${wanted}"${error}` };
  }
  return { done: false };
}

/** `write_image (deploy)` of the step that runs. */
function stepOf(facts: Row): string {
  for (const name of ['deploy_step', 'clean_step', 'service_step']) {
    const step = facts[name] as { step?: unknown; interface?: unknown } | null | undefined;
    if (step?.step !== undefined) return `${String(step.step)} (${String(step.interface ?? '?')})`;
  }
  return '';
}
