import type { LookupAnswer, LookupConfig, AgentNodeView } from '#agent-api/wire';
import type { Certificate } from '#kernel/certificate';
import type { Clock } from '#kernel/clock';
import { IngotError, messageOf } from '#kernel/errors';
import type { Random } from '#kernel/random';
import { Secret } from '#kernel/secret';
import type { Extension, Tools } from './commands/command.ts';
import { CommandRunner } from './commands/runner.ts';
import { Conductor } from './conductor.ts';
import { errors } from './errors.ts';
import { Heart } from './heart.ts';
import { ownCertificate } from './http/identity.ts';
import { type BlockGiver, Listener } from './http/listener.ts';
import type { Trust } from './http/request.ts';
import type { AgentLog } from './log.ts';
import type { Machine } from './machine/contract.ts';
import type { AgentParameters } from './parameters.ts';

/** Release of ironic-python-agent whose protocol this agent speaks: conductors choose by it what they may ask. */
export const PROTOCOL_VERSION = '11.7.0';

/** What commands may do to the agent itself. */
export interface AgentSelf {
  setToken(token: string): void;
  setNode(node: AgentNodeView, config?: LookupConfig): void;
  lockdown(): Promise<void>;
  /** Where other machines get blocks from. */
  readonly peer: { url: string; verifyCa: string } | null;
  /** Runs a command inside the one that runs, for `flow`. Throws as the command does. */
  executeInside(name: string, params: Readonly<Record<string, unknown>>): Promise<unknown>;
}

export interface AgentOptions {
  machine: Machine;
  parameters: AgentParameters;
  clock: Clock;
  random: Random;
  log: AgentLog;
  trust: Trust;
  /** Makes the commands. */
  extensions(self: AgentSelf): Readonly<Record<string, Extension>>;
  blocks: BlockGiver;
  /** MACs to be looked up by. */
  macs(): Promise<readonly string[]>;
  /** Inspects and reports, when the parameters ask for it; gives the node's UUID when the answer named it. */
  inspect(tools: Tools): Promise<string | null>;
  /** Default: the parameter. 0 takes any. */
  port?: number;
  /** Address to listen on; default: all. */
  host?: string;
}

/** How often it is told how far a command is. */
const PROGRESS_MS = 5_000;

/**
 * The agent: inspects if asked, finds its node, says it is there, obeys. One machine's; a process may hold many.
 */
export class Agent {
  readonly #options: AgentOptions;
  readonly #conductor: Conductor;
  readonly #heart: Heart;
  readonly #runner: CommandRunner;
  readonly #listener: Listener;
  readonly #stop = new AbortController();
  #certificate: Certificate | undefined;
  #address = '';
  #port = 0;
  #token: Secret | null;
  #node: AgentNodeView | null = null;
  #config: LookupConfig = { heartbeat_timeout: 300 };
  #beats: Promise<void> = Promise.resolve();
  #stopTelling: () => void = () => {};

  constructor(options: AgentOptions) {
    this.#options = options;
    const { clock, log, parameters, random } = options;
    this.#token = parameters.token;
    this.#conductor = new Conductor(options);
    this.#heart = new Heart({
      clock,
      random,
      log,
      timeoutMs: () => this.#config.heartbeat_timeout * 1000,
      beat: () => this.#beat(),
    });
    this.#runner = new CommandRunner({
      tools: this.#tools(),
      extensions: options.extensions(this.#self()),
      onEnd: () => this.#heart.now(),
    });
    this.#listener = new Listener({
      runner: this.#runner,
      startedAt: clock.now() / 1000,
      version: PROTOCOL_VERSION,
      token: () => this.#token?.reveal() ?? null,
      openReads: () => this.#config.ingot === undefined && this.#conductor.asksWithoutToken,
      blocks: options.blocks,
    });
  }

  /** The URL conductors call. */
  get callbackUrl(): string {
    const host = this.#address.includes(':') ? `[${this.#address}]` : this.#address;
    return `https://${host}:${this.#port}`;
  }

  /** Is an asynchronous command running? */
  get busy(): boolean {
    return this.#runner.running !== undefined;
  }

  /** Runs until the node was found and the first heartbeat is on its way. Throws when that cannot be. */
  async start(): Promise<void> {
    const { log, parameters } = this.#options;
    const named = await this.#options.inspect(this.#tools());
    const found = await this.#lookup(named ?? parameters.nodeUuid);
    this.#believe(found);
    log.info('this machine is node', { node: found.node.uuid });
    await this.#listen();
    this.#beats = this.#heart.run(this.#stop.signal);
    // Ingot shows people how far a command is: between two usual heartbeats a whole image is written.
    this.#stopTelling = this.#options.clock.every(PROGRESS_MS, () => {
      const told = this.#config.ingot?.heartbeat_progress === true && this.busy;
      if (told && this.#runner.progress !== undefined) this.#heart.now();
    });
  }

  /** Ends everything. The machine goes on. */
  async stop(): Promise<void> {
    this.#stopTelling();
    this.#stop.abort(new Error('the agent stops'));
    this.#runner.abort();
    await this.#listener.close();
    await this.#beats;
  }

  #tools(): Tools {
    const { machine, clock, random, log, parameters } = this.#options;
    return {
      machine,
      clock,
      random,
      log,
      parameters,
      node: () => this.#node,
      config: () => this.#config as unknown as Readonly<Record<string, unknown>>,
    };
  }

  #self(): AgentSelf {
    const peer = () =>
      this.#certificate === undefined
        ? null
        : { url: `${this.callbackUrl}/v1/ingot`, verifyCa: this.#certificate.cert };
    return {
      setToken: (token) => {
        this.#token = new Secret(token);
      },
      setNode: (node, config) => {
        this.#node = node;
        if (config !== undefined) this.#config = config;
      },
      lockdown: () => this.#lockdown('a command asked for it'),
      get peer() {
        return peer();
      },
      executeInside: (name, params) => this.#runner.executeInside(name, params),
    };
  }

  async #lookup(nodeUuid: string | null): Promise<LookupAnswer> {
    const { clock, random, log, parameters } = this.#options;
    const macs = await this.#options.macs();
    const started = clock.monotonic();
    let last = 'none yet';
    for (let wait = 1000; ; wait = Math.min(wait * 1.6, 30_000)) {
      try {
        const found = await this.#conductor.lookup(macs, nodeUuid);
        if (found !== null) return found;
        last = 'the node is not known, or does not wait for a ramdisk';
      } catch (error) {
        if (error instanceof IngotError && error.code === 'TokenTaken') {
          await this.#lockdown('the token of this node was handed out already');
          throw error;
        }
        last = messageOf(error);
        this.#conductor.next();
      }
      if (clock.monotonic() - started > parameters.lookupTimeoutMs) {
        throw errors.LookupFailed(Math.round(parameters.lookupTimeoutMs / 1000), last);
      }
      log.info('not found yet', { macs, last });
      await clock.sleep(wait * (0.75 + random.next() / 2), this.#stop.signal);
    }
  }

  #believe(found: LookupAnswer): void {
    this.#node = found.node;
    this.#config = found.config;
    const token = found.config.agent_token;
    // A token that came with the boot medium is the better one: it did not travel by an open door.
    if (this.#token === null && typeof token === 'string') this.#token = new Secret(token);
    delete this.#config.agent_token;
  }

  async #listen(): Promise<void> {
    const { machine, parameters, clock, random, log } = this.#options;
    const api = new URL(this.#conductor.url);
    const port = Number(api.port || (api.protocol === 'https:' ? 443 : 80));
    this.#address = parameters.advertiseHost ?? (await machine.addressTowards(api.hostname, port));
    this.#certificate = ownCertificate(this.#address, clock, random);
    this.#port = await this.#listener.listen(
      this.#certificate,
      this.#options.host,
      this.#options.port ?? parameters.port,
    );
    log.info('listening', { url: this.callbackUrl });
  }

  async #beat(): Promise<void> {
    const node = this.#node;
    if (node === null || this.#certificate === undefined) return;
    const progress = this.#config.ingot?.heartbeat_progress === true ? this.#runner.progress : undefined;
    await this.#conductor.heartbeat(node.uuid, {
      callback_url: this.callbackUrl,
      agent_token: this.#token?.reveal() ?? null,
      agent_version: PROTOCOL_VERSION,
      ...((await this.#conductor.takesCertificates()) ? { agent_verify_ca: this.#certificate.cert } : {}),
      ...(progress === undefined ? {} : { progress }),
    });
  }

  /** Nobody is obeyed any more: the machine stands still until somebody switches it off. */
  async #lockdown(why: string): Promise<void> {
    this.#options.log.warn('lockdown: nobody is obeyed any more', { why });
    this.#token = null;
    this.#stop.abort(new Error('lockdown'));
    await this.#listener.close();
  }
}
