import { Client, type Dispatcher } from 'undici';
import { type Clock, systemClock } from '#kernel/clock';
import { IngotError, messageOf } from '#kernel/errors';
import type { Secret } from '#kernel/secret';
import type { AgentNetworks } from './address.ts';
import { errors } from './errors.ts';
import { makeAgentConnector } from './trust.ts';
import { type AgentCommand, faultText, readCommand, readCommands } from './wire.ts';

/** Where an agent is, as its heartbeat said. */
export interface AgentPlace {
  url: string;
  token: Secret;
  /** PEM it answers with; null only for plain HTTP. */
  certificate: string | null;
}

/** What an agent may cost us. */
export interface AgentLimits {
  connectMs: number;
  /** Answers that only tell. */
  readMs: number;
  /** Commands it carries out before it answers. */
  commandMs: number;
  /** Bytes of an answer: logs are the largest. */
  bodyBytes: number;
  /** Further attempts of a read that failed on the way. */
  retries: number;
}

export const DEFAULT_AGENT_LIMITS: AgentLimits = {
  connectMs: 10_000,
  readMs: 30_000,
  commandMs: 120_000,
  bodyBytes: 32 * 1024 * 1024,
  retries: 2,
};

export interface AgentCallOptions {
  signal: AbortSignal;
  /** For commands: called in the tick in which the bytes leave; what it throws stops them. */
  beforeWrite: () => void;
  /** For commands that take their time before they answer. */
  deadlineMs?: number;
}

const PAUSE_MS = 300;
const IDLE_MS = 20_000;
/** One that answered so lately is certainly there. */
const ALIVE_MS = 2_000;
const MOST_IDLE = 2_000;

/**
 * Speaks to agents (ironic-python-agent's API of port 9999). Nothing is followed elsewhere, what is not in the
 * networks of agents is not called, and a command is never sent twice: what became of one whose answer was lost is
 * read from the agent's list of commands.
 */
export class AgentHttp {
  readonly #networks: AgentNetworks;
  readonly #limits: AgentLimits;
  readonly #clock: Clock;
  /** Connections kept for a moment: a deploy asks the same agent several things in a row. */
  readonly #idle = new Map<string, { client: Client; stop: () => void; answeredAt: number }>();

  constructor(networks: AgentNetworks, options: { limits?: Partial<AgentLimits>; clock?: Clock } = {}) {
    this.#networks = networks;
    this.#limits = { ...DEFAULT_AGENT_LIMITS, ...options.limits };
    this.#clock = options.clock ?? systemClock;
  }

  /** All commands the agent was given since it started, oldest first. Throws what `run` throws. */
  async commands(agent: AgentPlace, signal: AbortSignal): Promise<AgentCommand[]> {
    const call = 'GET commands';
    return readCommands(call, await this.#read(agent, call, '/v1/commands/', signal));
  }

  /** One command as it stands; null when the agent does not know it. Throws what `run` throws. */
  async command(agent: AgentPlace, id: string, signal: AbortSignal): Promise<AgentCommand | null> {
    const call = 'GET command';
    try {
      const path = `/v1/commands/${encodeURIComponent(id)}`;
      return readCommand(call, await this.#read(agent, call, path, signal));
    } catch (error) {
      if (error instanceof IngotError && error.code === 'AgentRefused' && error.details?.['status'] === 404)
        return null;
      throw error;
    }
  }

  /**
   * Gives a command, once. `wait`: the agent answers when it is over (commands that are quick), else at once. Throws
   * AgentAddressRefused, AgentUnreachable (nothing was sent), AgentBusy, AgentRefused, AgentTokenRefused and
   * AgentNotTrusted; after AgentTimeout, AgentBroken and AgentBadAnswer nobody can know whether it was taken.
   */
  async run(
    agent: AgentPlace,
    name: string,
    params: Record<string, unknown>,
    options: AgentCallOptions & { wait: boolean },
  ): Promise<AgentCommand> {
    const path = `/v1/commands/?wait=${options.wait}`;
    const answer = await this.#send(agent, name, 'POST', path, JSON.stringify({ name, params }), {
      ...options,
      deadlineMs: options.deadlineMs ?? (options.wait ? this.#limits.commandMs : this.#limits.readMs),
    });
    return readCommand(name, answer);
  }

  /** Closes what is open. */
  async close(): Promise<void> {
    const all = [...this.#idle.values()];
    this.#idle.clear();
    for (const one of all) one.stop();
    await Promise.all(all.map((one) => one.client.destroy()));
  }

  async #read(agent: AgentPlace, call: string, path: string, signal: AbortSignal): Promise<unknown> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#send(agent, call, 'GET', path, null, {
          signal,
          beforeWrite: () => {},
          deadlineMs: this.#limits.readMs,
        });
      } catch (error) {
        const again = error instanceof IngotError && ['AgentBroken', 'AgentUnreachable'].includes(error.code);
        if (attempt >= this.#limits.retries || !again) throw error;
        await this.#clock.sleep(PAUSE_MS * 2 ** attempt, signal);
      }
    }
  }

  async #send(
    agent: AgentPlace,
    call: string,
    method: 'GET' | 'POST',
    path: string,
    body: string | null,
    options: AgentCallOptions & { deadlineMs: number },
  ): Promise<unknown> {
    const url = this.#networks.check(agent.url);
    const base = url.pathname.replace(/\/+$/, '');
    const query = `agent_token=${encodeURIComponent(agent.token.reveal())}`;
    const deadline = new AbortController();
    const late = errors.AgentTimeout(call, url.host, options.deadlineMs);
    const cancel = this.#clock.after(options.deadlineMs, () => deadline.abort(late));
    // A command goes over a connection that is new, or that answered a moment ago: on one that is dead nobody knows
    // whether it arrived.
    const key = `${url.origin} ${agent.certificate ?? ''}`;
    const kept = this.#take(key, method === 'GET' ? IDLE_MS : ALIVE_MS);
    const client =
      kept ??
      new Client(url.origin, {
        connect: makeAgentConnector(url.host, agent.certificate, this.#limits.connectMs, options.beforeWrite),
        pipelining: 1,
        headersTimeout: options.deadlineMs + 1000,
        bodyTimeout: options.deadlineMs + 1000,
        keepAliveTimeout: IDLE_MS,
        maxHeaderSize: 32 * 1024,
      });
    let keep = false;
    try {
      // Over a connection that stands the bytes leave in this very tick.
      if (kept !== undefined && method !== 'GET') options.beforeWrite();
      const answer = await client.request({
        method,
        path: `${base}${path}${path.includes('?') ? '&' : '?'}${query}`,
        headers: {
          accept: 'application/json',
          'accept-encoding': 'identity',
          ...(body === null ? {} : { 'content-type': 'application/json' }),
        },
        body,
        signal: AbortSignal.any([options.signal, deadline.signal]),
      });
      const bytes = await this.#body(call, answer);
      keep = true;
      return this.#judged(call, url.host, answer.statusCode, bytes);
    } catch (error) {
      throw told(error, call, url.host, options.signal, deadline.signal);
    } finally {
      cancel();
      if (keep) this.#keep(key, client);
      else void client.destroy();
    }
  }

  #judged(call: string, where: string, status: number, bytes: Buffer): unknown {
    let body: unknown;
    try {
      body = bytes.length === 0 ? null : (JSON.parse(bytes.toString('utf8')) as unknown);
    } catch (cause) {
      if (status < 300) throw errors.AgentBadAnswer(call, 'it is not JSON', { cause });
      body = null;
    }
    if (status >= 200 && status < 300) return body;
    if (status === 401 || status === 403) throw errors.AgentTokenRefused(call, where);
    if (status === 409) throw errors.AgentBusy(call, where);
    const why = status >= 300 && status < 400 ? 'it wants us elsewhere' : faultText(body);
    throw errors.AgentRefused(call, status, why, { details: { status } });
  }

  async #body(call: string, answer: Dispatcher.ResponseData): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of answer.body as AsyncIterable<Uint8Array>) {
      size += part.length;
      if (size > this.#limits.bodyBytes) {
        throw errors.AgentBadAnswer(call, `it is larger than ${this.#limits.bodyBytes} bytes`);
      }
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  /** A kept connection that stands, and that answered within `withinMs`. */
  #take(key: string, withinMs: number): Client | undefined {
    const found = this.#idle.get(key);
    if (found === undefined || this.#clock.monotonic() - found.answeredAt > withinMs) return undefined;
    this.#idle.delete(key);
    found.stop();
    if (found.client.stats.connected === true) return found.client;
    void found.client.destroy();
    return undefined;
  }

  #keep(key: string, client: Client): void {
    if (this.#idle.has(key) || this.#idle.size >= MOST_IDLE) {
      void client.close();
      return;
    }
    const stop = this.#clock.after(IDLE_MS, () => {
      this.#idle.delete(key);
      void client.close();
    });
    this.#idle.set(key, { client, stop, answeredAt: this.#clock.monotonic() });
  }
}

/** What an exception below HTTP means. */
function told(error: unknown, call: string, where: string, asked: AbortSignal, deadline: AbortSignal): unknown {
  if (asked.aborted) return asked.reason;
  if (deadline.aborted) return deadline.reason;
  if (error instanceof IngotError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const options = { cause: error };
  if (/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/.test(code)) {
    return errors.AgentUnreachable(call, where, messageOf(error), options);
  }
  // What a lease that ended throws passes through: it is no word of the agent's.
  if (!(error instanceof Error) || !/^(E|UND_|ERR_|HPE_)/.test(code)) return error;
  return errors.AgentBroken(call, where, messageOf(error), options);
}
