import { errors } from './errors.ts';

/** A command as an agent tells of it, read with care. */
export interface AgentCommand {
  id: string;
  /** Without its extension. */
  name: string;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'VERSION_MISMATCH';
  /** A sentence; null when it did not fail. */
  error: string | null;
  result: Record<string, unknown> | null;
}

const MAX_TEXT = 2000;

/** Reads one command. Throws AgentBadAnswer. */
export function readCommand(call: string, value: unknown): AgentCommand {
  if (typeof value !== 'object' || value === null) throw errors.AgentBadAnswer(call, 'it is no command');
  const given = value as Record<string, unknown>;
  const { id, command_name: name, command_status: said, command_result: result } = given;
  if (typeof id !== 'string' || id === '' || id.length > 200) throw errors.AgentBadAnswer(call, 'a command without id');
  const status = statusOf(said);
  if (status === undefined) throw errors.AgentBadAnswer(call, `unknown status ${JSON.stringify(said)?.slice(0, 60)}`);
  return {
    id,
    name: typeof name === 'string' ? name.slice(0, 200) : '',
    status,
    error: errorText(given['command_error']),
    result:
      typeof result === 'object' && result !== null && !Array.isArray(result)
        ? (result as Record<string, unknown>)
        : null,
  };
}

/** Reads the list of all commands, oldest first. Throws AgentBadAnswer. */
export function readCommands(call: string, value: unknown): AgentCommand[] {
  const list = (value as { commands?: unknown } | null)?.commands;
  if (!Array.isArray(list)) throw errors.AgentBadAnswer(call, 'it has no list of commands');
  return list.map((one) => readCommand(call, one));
}

function statusOf(said: unknown): AgentCommand['status'] | undefined {
  if (said === 'RUNNING' || said === 'SUCCEEDED' || said === 'FAILED') return said;
  // CLEAN_VERSION_MISMATCH, for every kind of step
  return typeof said === 'string' && said.endsWith('VERSION_MISMATCH') ? 'VERSION_MISMATCH' : undefined;
}

/** What failed, as a sentence: agents give an object, old ones a text. */
function errorText(error: unknown): string | null {
  if (error === null || error === undefined) return null;
  if (typeof error !== 'object') return String(error).slice(0, MAX_TEXT);
  const { message, details, type } = error as Record<string, unknown>;
  const parts = [message, details].filter((one): one is string => typeof one === 'string' && one !== '');
  const [first, second] = parts;
  if (first === undefined) return (typeof type === 'string' ? type : 'no reason given').slice(0, MAX_TEXT);
  // "details" often repeats the message with more round it
  if (second === undefined || first.includes(second)) return first.slice(0, MAX_TEXT);
  return (second.includes(first) ? second : `${first}: ${second}`).slice(0, MAX_TEXT);
}

/** The reason in the body of an answer that says no. */
export function faultText(body: unknown): string {
  const fault = (body as { faultstring?: unknown } | null)?.faultstring;
  return typeof fault === 'string' ? fault.slice(0, MAX_TEXT) : 'no reason given';
}
