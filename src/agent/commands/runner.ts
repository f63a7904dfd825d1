import type { AgentProgress } from '#agent-api/progress';
import type { CommandError, CommandResult } from '#agent-api/wire';
import { IngotError, messageOf } from '#kernel/errors';
import { newUuid } from '#kernel/ids';
import { errors } from '../errors.ts';
import type { Command, Extension, Params, Tools } from './command.ts';
import { Rate } from './rate.ts';

/** Finished commands that are remembered. */
const REMEMBERED = 200;

interface Entry {
  result: CommandResult;
  /** `extension.command` */
  name: string;
  done: Promise<void>;
  abort: AbortController;
}

export interface RunnerOptions {
  tools: Tools;
  extensions: Readonly<Record<string, Extension>>;
  /** An asynchronous command ended: the conductor should hear of it. */
  onEnd(): void;
}

/** Runs commands, one asynchronous one at a time, and remembers how they went. */
export class CommandRunner {
  readonly #options: RunnerOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** The asynchronous command that runs. */
  get running(): CommandResult | undefined {
    return [...this.#entries.values()].find((entry) => entry.result.command_status === 'RUNNING')?.result;
  }

  /** Progress of what runs, with its name. */
  get progress(): AgentProgress | undefined {
    const progress = this.running?.command_progress;
    const entry = this.running && this.#entries.get(this.running.id);
    return progress && entry ? { ...progress, command_id: entry.result.id, command: entry.name } : undefined;
  }

  list(): CommandResult[] {
    return [...this.#entries.values()].map((entry) => entry.result);
  }

  /** A command by id, when it ended if `wait`. Throws 404. */
  async get(id: string, wait: boolean): Promise<CommandResult> {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw errors.UnknownResult(id);
    if (wait) await entry.done;
    return entry.result;
  }

  /**
   * Starts `extension.command`. A synchronous one is done when this returns. Throws 404 and 400 for what there is
   * not, 409 while an asynchronous one runs.
   */
  async execute(name: string, params: Params, wait: boolean): Promise<CommandResult> {
    const busy = this.running;
    if (busy !== undefined) throw errors.Busy(busy.command_name);
    const command = this.#find(name);
    const entry = this.#start(name, command, params);
    if (wait || command.kind === 'sync') await entry.done;
    const refused = entry.result.command_error;
    // A synchronous command that refuses its parameters is a bad request, not a failed command.
    if (command.kind === 'sync' && refused?.code === 400) {
      throw new IngotError(refused.type, 400, refused.details);
    }
    return entry.result;
  }

  /** Runs a command as a part of the one that runs. Throws as it does. */
  async executeInside(name: string, params: Params): Promise<unknown> {
    const command = this.#find(name);
    const { tools } = this.#options;
    const outer = [...this.#entries.values()].find((entry) => entry.result.command_status === 'RUNNING');
    return await command.run(params, {
      ...tools,
      id: outer?.result.id ?? newUuid(),
      signal: outer?.abort.signal ?? new AbortController().signal,
      progress: () => {},
    });
  }

  #find(name: string): Command {
    const dot = name.indexOf('.');
    if (dot <= 0) throw errors.BadParameters('Command name must be of the form <extension>.<name>');
    const extension = own(this.#options.extensions, name.slice(0, dot));
    if (extension === undefined) throw errors.UnknownExtension(name.slice(0, dot));
    const command = own(extension, name.slice(dot + 1));
    if (command === undefined) throw errors.UnknownCommand(name.slice(dot + 1));
    return command;
  }

  /** Stops what runs: the agent ends. */
  abort(): void {
    for (const entry of this.#entries.values()) entry.abort.abort(new Error('the agent stops'));
  }

  #start(name: string, command: Command, params: Params): Entry {
    const { tools, onEnd } = this.#options;
    const id = newUuid();
    const short = name.slice(name.indexOf('.') + 1);
    const result: CommandResult = {
      id,
      command_name: short,
      command_status: 'RUNNING',
      command_error: null,
      command_result: null,
    };
    const rate = new Rate();
    const abort = new AbortController();
    const finish = (status: CommandResult['command_status'], value: unknown, error: CommandError | null) => {
      result.command_status = status;
      result.command_result = value;
      result.command_error = error;
      if (command.kind === 'async') onEnd();
    };
    tools.log.info('command starts', { command: name, id });
    const work = (async () => {
      try {
        const value = await command.run(params, {
          ...tools,
          id,
          signal: abort.signal,
          progress: (told) => {
            result.command_progress = rate.take(told, tools.clock.monotonic());
          },
        });
        const text = typeof value === 'string';
        finish('SUCCEEDED', text ? { result: command.kind === 'async' ? `${short}: ${value}` : value } : value, null);
        tools.log.info('command succeeded', { command: name, id });
      } catch (error) {
        tools.log.warn('command failed', { command: name, id, error: messageOf(error) });
        const mismatch = error instanceof IngotError && error.code === 'VersionMismatch';
        finish(mismatch ? 'CLEAN_VERSION_MISMATCH' : 'FAILED', null, errorOf(error));
      }
    })();
    const entry: Entry = { result, name, done: work, abort };
    this.#entries.set(id, entry);
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= REMEMBERED) break;
      this.#entries.delete(key);
    }
    return entry;
  }
}

/** A value under a key that somebody else names. */
function own<T>(of: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(of, key) ? of[key] : undefined;
}

function errorOf(error: unknown): CommandError {
  return error instanceof IngotError
    ? { type: error.code, code: error.status, message: 'Command execution failed', details: error.message }
    : { type: 'CommandExecutionError', code: 500, message: 'Command execution failed', details: messageOf(error) };
}
