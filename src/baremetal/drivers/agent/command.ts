import { IngotError, messageOf } from '#kernel/errors';
import type { AgentPlace } from '#protocols/agent/client';
import type { AgentCommand } from '#protocols/agent/wire';
import type { Document, Node } from '../../model/node.ts';
import type { DriverCall, Look, StepOutcome, Wait } from '../contract.ts';
import type { AgentContext } from './context.ts';
import { errors } from './errors.ts';

/** A command that was, or was about to be, given: kept with the node before it goes out. */
interface Note {
  /** `extension.command` */
  name: string;
  /** Which step of ours it belongs to. */
  key: string;
  /** The command the agent was given before it; absent: it was the agent's first. */
  after?: string;
  /** In place of `after`, as notes once said it: how many there were before. */
  before?: number;
  /** Once the agent has named it. */
  id?: string;
  /** When it went out, milliseconds since the epoch. */
  at: number;
}

/** A long command: the agent calls when it is over. */
export interface LongCommand {
  name: string;
  params: Document;
  /** For the timeline. */
  what: string;
  bytes?: number;
  longestMs?: number;
}

/** Where the command of a step stands. `never`: the agent was not given it. */
export type Standing = { kind: 'never' | 'running' | 'unknown' } | { kind: 'over'; command: AgentCommand };

/** Errors after which nobody knows whether the agent got the command. */
const AMBIGUOUS = new Set(['AgentTimeout', 'AgentBroken', 'AgentBadAnswer']);
/** Tries of a command that did not reach the agent, and the first pause between them: some 15 s in all. */
const REACH_TRIES = 5;
const REACH_PAUSE_MS = 500;
/** An agent that called while it was looked for is not missed. */
const JUST_NOW_MS = 2_000;
const AWAY = new Set(['AgentUnreachable', 'AgentTimeout', 'AgentBroken']);

/** The last command that an agent is known to have, by the node as this stretch has it. */
const latest = new WeakMap<Node, string>();

/** The agent that serves the node's operation. Throws AgentAbsent. */
export async function agentOf(
  context: AgentContext,
  node: Node,
): Promise<AgentPlace & { secondLookupAgoMs: number | null }> {
  const found = await context.records.of(node);
  if (found === undefined) throw errors.AgentAbsent(node.uuid);
  return found;
}

/** Gives a quick command and waits for its end. Only such that may run twice. Throws AgentCommandFailed. */
export async function ask(context: AgentContext, call: DriverCall, name: string, params: Document): Promise<Document> {
  const agent = await agentOf(context, call.node);
  const done = await reached(context, call, () =>
    context.http.run(agent, name, params, { wait: true, ...rights(call) }),
  );
  latest.set(call.node, done.id);
  return resultOf(name, done);
}

/** The result of a command that is over. Throws AgentCommandFailed. */
export function resultOf(name: string, command: AgentCommand): Document {
  if (command.status !== 'SUCCEEDED') {
    throw errors.AgentCommandFailed(name, command.error ?? `it ended as ${command.status}`);
  }
  return command.result ?? {};
}

/**
 * Gives a long command. What is needed to find out whether it was given is kept first, so that a successor asks
 * instead of giving it again.
 */
async function give(context: AgentContext, call: DriverCall, key: string, command: LongCommand): Promise<Wait> {
  const agent = await agentOf(context, call.node);
  const after = latest.get(call.node) ?? (await context.http.commands(agent, call.signal)).at(-1)?.id;
  const at = context.clock.now();
  const note: Note = { name: command.name, key, ...(after === undefined ? {} : { after }), at };
  call.notes.internal({ agent_command: note });
  await call.saveNotes();
  try {
    const taken = await reached(context, call, () =>
      context.http.run(agent, command.name, command.params, { wait: false, ...rights(call) }),
    );
    latest.set(call.node, taken.id);
    call.notes.internal({ agent_command: { ...note, id: taken.id } });
    // From here on it is at work, whatever else is done for it meanwhile.
    call.mark('machine', command.what, command.bytes === undefined ? {} : { bytes: command.bytes });
  } catch (error) {
    if (!(error instanceof IngotError) || !AMBIGUOUS.has(error.code)) throw error;
    call.assertMayWrite();
    context.log.warn({ node: call.node.uuid, command: command.name, err: messageOf(error) }, 'an agent did not answer');
  }
  return waitFor(command, at);
}

function waitFor(command: LongCommand, since: number): Wait {
  return {
    kind: 'wait',
    for: 'agent',
    since,
    atWork: true,
    staysOn: true,
    what: command.what,
    ...(command.bytes === undefined ? {} : { bytes: command.bytes }),
    ...(command.longestMs === undefined ? {} : { longestMs: command.longestMs }),
  };
}

function noteOf(node: Node, key: string): Note | undefined {
  const note = node.driverInternalInfo['agent_command'] as Note | undefined;
  return note?.key === key ? note : undefined;
}

/** Ends seen in this stretch: the agent is not asked twice for what cannot change any more. */
const seen = new WeakMap<Node, { key: string; at: number; command: AgentCommand }>();

/** Asks the agent what became of a step's command. Throws AgentRestarted when it is another agent now. */
export async function standing(context: AgentContext, call: DriverCall, key: string): Promise<Standing> {
  const { node } = call;
  const note = noteOf(node, key);
  if (note === undefined) return { kind: 'never' };
  const known = seen.get(node);
  if (known?.key === key && known.at === note.at) return { kind: 'over', command: known.command };
  const found = await find(context, call, note);
  if (found.kind === 'over') seen.set(node, { key, at: note.at, command: found.command });
  return found;
}

async function find(context: AgentContext, call: DriverCall, note: Note): Promise<Standing> {
  const restarted = (why: string, cause?: unknown) =>
    errors.AgentRestarted(note.name, why, cause === undefined ? {} : { cause });
  const agent = await context.records.of(call.node);
  if (agent === undefined) throw restarted('its token is gone');
  try {
    const command =
      note.id === undefined
        ? await amongAll(context, call, agent, note)
        : await context.http.command(agent, note.id, call.signal);
    if (command === undefined) return { kind: 'never' };
    if (command === null) throw restarted('it does not know the command');
    latest.set(call.node, command.id);
    return command.status === 'RUNNING' ? { kind: 'running' } : { kind: 'over', command };
  } catch (error) {
    if (!(error instanceof IngotError)) throw error;
    if (error.code === 'AgentNotTrusted' || error.code === 'AgentTokenRefused') throw restarted(error.message, error);
    if (!AWAY.has(error.code)) throw error;
    // A machine that asks for a token again has started anew, if the agent that has the token is gone as well.
    const again = agent.secondLookupAgoMs;
    if (again !== null && again < context.clock.now() - note.at) throw restarted('the machine started anew', error);
    return { kind: 'unknown' };
  }
}

/** The command among all of the agent's; undefined when it was never given. */
async function amongAll(
  context: AgentContext,
  call: DriverCall,
  agent: AgentPlace,
  note: Note,
): Promise<AgentCommand | undefined | null> {
  const all = await context.http.commands(agent, call.signal);
  const first = note.after === undefined ? (note.before ?? 0) : all.findIndex(({ id }) => id === note.after) + 1;
  if (all.length < first || (note.after !== undefined && first === 0)) return null;
  const name = note.name.split('.').at(-1);
  return all.slice(first).findLast((command) => command.name === name);
}

/**
 * The three parts of a step that is one long command: it is given once, whatever happens to the conductor, and
 * `finish` is told how it ended.
 */
export function longStep(
  context: AgentContext,
  key: string,
  make: (call: DriverCall, args: Document) => Promise<LongCommand> | LongCommand,
  finish: (call: DriverCall, command: AgentCommand, args: Document) => Promise<StepOutcome>,
): {
  run(call: DriverCall, args: Document): Promise<StepOutcome>;
  look(call: DriverCall): Promise<Look>;
  resume(call: DriverCall, args: Document): Promise<StepOutcome>;
} {
  /** A step before this one may have started the machine anew: its ramdisk is waited for. */
  const begin = async (call: DriverCall, args: Document): Promise<StepOutcome> => {
    if ((await context.records.of(call.node)) !== undefined) {
      return await give(context, call, key, await make(call, args));
    }
    call.notes.internal({ agent_command: undefined });
    const since = context.clock.now() - JUST_NOW_MS;
    return { kind: 'wait', for: 'agent', since, staysOn: true, what: 'boot the ramdisk' };
  };
  const goOn = async (call: DriverCall, args: Document): Promise<StepOutcome> => {
    const stands = await standing(context, call, key);
    if (stands.kind === 'never') return await begin(call, args);
    if (stands.kind === 'over') {
      const outcome = await finish(call, stands.command, args);
      call.notes.internal({ agent_command: undefined });
      return outcome;
    }
    const note = noteOf(call.node, key);
    const since = note === undefined ? {} : { since: note.at, atWork: true as const };
    return { kind: 'wait', for: 'agent', staysOn: true, ...since };
  };
  return {
    run: async (call, args) => (call.resumed ? await goOn(call, args) : await begin(call, args)),
    async look(call) {
      // The judge has just looked: nobody is there to be asked.
      if (call.node.powerState === 'power off') return 'unknown';
      const stands = await standing(context, call, key);
      return stands.kind === 'never' ? 'over' : stands.kind;
    },
    resume: goOn,
  };
}

/** Tries again while nothing could be sent at all: links of machines flap. */
async function reached<T>(context: AgentContext, call: DriverCall, send: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      const again = error instanceof IngotError && error.code === 'AgentUnreachable' && attempt < REACH_TRIES;
      if (!again) throw error;
      await context.clock.sleep(REACH_PAUSE_MS * 2 ** attempt, call.signal);
    }
  }
}

function rights(call: DriverCall) {
  return { signal: call.signal, beforeWrite: () => call.assertMayWrite() };
}
