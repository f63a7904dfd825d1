import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type Clock, systemClock } from '#kernel/clock';
import { type Random, systemRandom } from '#kernel/random';
import { type Certificate, selfSigned } from '#kernel/certificate';
import type { BootAttempt, Guest } from '../guest.ts';
import type { SimulatedMachine } from '../machine.ts';
import { type Command, type Work, workOf } from './commands.ts';
import type { AgentControl } from './control.ts';
import { disksOf, reportOf } from './inventory.ts';
import { type AgentFault, type AgentLatencies, QUICK, type SimulatedAgentOptions } from './options.ts';
import { askApi } from './wire.ts';

const TOKEN_LENGTH = 32;
const BODY_LIMIT = 64 * 1024 * 1024;

/** What a command that fails says. */
const SAID: Partial<Record<AgentFault, string>> = {
  fail: 'Error: it went wrong',
  'small-disk': '/dev/sda is too small: the image needs 65000000 bytes, it has 4096',
  'failing-disk': '/dev/sda cannot be written: Input/output error at byte 1048576',
  'readonly-disk': '/dev/sda cannot be written: Read-only file system',
};

/** The ramdisk of a simulated machine: it looks up, heartbeats and obeys as ironic-python-agent does on the wire. */
export class AgentGuest implements Guest {
  readonly name = 'deploy ramdisk';
  readonly #machine: SimulatedMachine;
  readonly #attempt: BootAttempt;
  readonly #options: SimulatedAgentOptions;
  readonly #control: AgentControl;
  readonly #latencies: AgentLatencies;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #certificate: Certificate;
  readonly #commands: Command[] = [];
  readonly #timers = new Set<() => void>();
  readonly #boot: number;
  #server: Server | undefined;
  #token: string | null = null;
  #uuid = '';
  #timeoutS = 300;
  #address = '';
  #progress: Record<string, unknown> | null = null;
  #silent = false;
  #stopped = false;
  #ingot = false;
  #beat = () => {};

  constructor(attempt: BootAttempt, boot: number, options: SimulatedAgentOptions, control: AgentControl) {
    this.#machine = attempt.machine;
    this.#attempt = attempt;
    this.#boot = boot;
    this.#options = options;
    this.#control = control;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#latencies = this.#mine({ ...QUICK, ...options.latencies });
    const now = this.#clock.now();
    this.#certificate =
      options.certificate ??
      selfSigned(
        {
          commonName: this.#machine.spec.name,
          organization: 'Ingot Lab',
          names: [options.address ?? '127.0.0.1'],
          notBefore: new Date(now - 3_600_000),
          notAfter: new Date(now + 90 * 86_400_000),
        },
        this.#random,
      );
    this.#did('boot', { device: attempt.device });
    if (this.#fault('boot') !== undefined) this.#silent = true;
    this.#after(this.#latencies.ramdiskMs, () => void this.#start());
  }

  /** Power gone, or a reset: whatever runs stops without a word. */
  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  /** The token it was given; for tests that steal it. */
  get token(): string | null {
    return this.#token;
  }

  get callbackUrl(): string {
    return this.#address;
  }

  async #start(): Promise<void> {
    if (this.#stopped || this.#silent) return;
    await this.#listen();
    const { spec } = this.#machine;
    const macs = spec.nics.map((nic) => nic.mac);
    const report = reportOf(spec, this.#attempt.nic?.mac ?? macs[0] ?? null, this.#options.plain === true);
    const told = await this.#ask('POST', '/v1/continue_inspection', null, report);
    if (told.status === 202 || told.status === 200) this.#did('inspected', {});
    await this.#lookup(macs);
  }

  async #lookup(macs: readonly string[]): Promise<void> {
    const addresses = encodeURIComponent(macs.join(','));
    while (!this.#stopped) {
      const { status, body } = await this.#ask('GET', `/v1/lookup?addresses=${addresses}`, '1.62');
      const config = body['config'] as Record<string, unknown> | undefined;
      if (status === 200 && config !== undefined) {
        const token = config['agent_token'];
        if (typeof token !== 'string' || token.length < TOKEN_LENGTH) {
          // handed out to somebody else: it locks itself down
          this.#did('lockdown', {});
          this.#machine.print('agent token was given away: locked down\r\n');
          return;
        }
        this.#token = token;
        this.#uuid = String((body['node'] as { uuid?: unknown } | undefined)?.uuid);
        this.#timeoutS = Number(config['heartbeat_timeout'] ?? 300);
        this.#ingot = config['ingot'] !== undefined && this.#options.plain !== true;
        this.#did('lookup', {});
        await this.#heartbeat();
        return;
      }
      await new Promise<void>((resolve) => this.#after(this.#latencies.lookupMs, resolve));
    }
  }

  async #heartbeat(): Promise<void> {
    if (this.#stopped || this.#silent || this.#token === null) return;
    this.#beat();
    const { status } = await this.#ask('POST', `/v1/heartbeat/${this.#uuid}`, '1.68', {
      callback_url: this.#address,
      agent_token: this.#token,
      agent_version: this.#options.plain ? '11.7.0' : 'ingot-simulated',
      agent_verify_ca: this.#certificate.cert,
      ...(this.#progress !== null && this.#ingot ? { progress: this.#progress } : {}),
    });
    const next =
      status === 202
        ? (this.#latencies.heartbeatMs ?? this.#timeoutS * 1000 * (0.3 + (0.3 * (this.#random.bytes(1)[0] ?? 0)) / 255))
        : 5_000;
    this.#beat = this.#after(next, () => void this.#heartbeat());
  }

  async #listen(): Promise<void> {
    const host = this.#options.address ?? '127.0.0.1';
    const { key, cert } = this.#certificate;
    const server = createServer({ key, cert }, (request, response) => void this.#serve(request, response));
    this.#server = server;
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const at = server.address();
    this.#address = `https://${host}:${typeof at === 'object' && at !== null ? at.port : 0}`;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'https://agent');
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of request as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > BODY_LIMIT) return void response.destroy();
      parts.push(part);
    }
    const reply = (status: number, body: unknown) => {
      if (this.#silent) return;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const refuse = (status: number, text: string) => reply(status, { faultcode: 'Client', faultstring: text });
    if (this.#silent) return; // a hung machine keeps its connections
    if (url.pathname === '/' || url.pathname === '/v1/') return reply(200, {});
    if (url.pathname === '/v1/status') return reply(200, { started_at: 0, version: '11.7.0' });
    if (url.searchParams.get('agent_token') !== this.#token || this.#token === null) {
      return refuse(401, '401 Unauthorized: Token invalid.');
    }
    if (url.pathname === '/v1/commands' || url.pathname === '/v1') {
      response.writeHead(308, { location: `${url.pathname}/` });
      return void response.end();
    }
    const id = /^\/v1\/commands\/([^/]+)$/.exec(url.pathname)?.[1];
    if (request.method === 'GET' && id !== undefined) {
      const found = this.#commands.find((one) => one.id === id);
      const forgets = found !== undefined && this.#fault(`${found.command_name} asked`) === 'forget';
      return found === undefined || forgets ? refuse(404, `Command not found: ${id}`) : reply(200, found);
    }
    if (url.pathname !== '/v1/commands/') return refuse(404, 'Not found');
    if (request.method === 'GET') return reply(200, { commands: this.#commands });
    const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as { name: string; params: Record<string, unknown> };
    await this.#command(body.name, body.params, url.searchParams.get('wait') === 'true', reply, refuse, response);
  }

  async #command(
    name: string,
    params: Record<string, unknown>,
    wait: boolean,
    reply: (status: number, body: unknown) => void,
    refuse: (status: number, text: string) => void,
    response: ServerResponse,
  ): Promise<void> {
    const asked = (params['step'] as { step?: string } | undefined)?.step;
    const at = asked === undefined ? name : `${name.split('.')[0]}.${asked}`;
    const fault = this.#fault(at);
    if (fault === 'refuse') return refuse(500, 'Internal error');
    if (fault === 'garbage') return void response.writeHead(200).end('<html>not json');
    const work = workOf(name, params, {
      disks: disksOf(this.#machine.spec),
      plain: this.#options.plain === true,
      writeMs: this.#latencies.writeMs,
      eraseMs: this.#latencies.eraseMs,
      commandMs: this.#latencies.commandMs,
      steps: (flow) => this.#control.stepsOf(flow),
      now: () => new Date(this.#clock.now()).toISOString(),
      fault,
    });
    if (work === undefined) return refuse(404, `Not found: Extension with id ${name.split('.')[0]} not found.`);
    if (work.long && this.#commands.some((one) => one.command_status === 'RUNNING')) {
      return refuse(409, 'Agent is busy executing another command');
    }
    const command: Command = {
      id: this.#random.bytes(16).toString('hex'),
      command_name: name.split('.').at(-1) ?? name,
      command_status: 'RUNNING',
      command_error: null,
      command_result: null,
    };
    this.#commands.push(command);
    this.#did(work.named ?? name, params);
    if (!work.long) {
      this.#end(command, work, fault);
      this.#answer(command, fault, reply, response);
      if (work.token !== undefined) this.#token = work.token;
      // Long enough for the answer to arrive.
      if (work.starts === true) this.#after(50, () => this.#machine.guestKexec());
      return;
    }
    const over = this.#run(command, work, fault);
    if (wait) await over;
    this.#answer(command, fault, reply, response);
  }

  #answer(
    command: Command,
    fault: AgentFault | undefined,
    reply: (status: number, body: unknown) => void,
    response: ServerResponse,
  ): void {
    if (fault === 'drop') response.destroy();
    else reply(200, command);
  }

  #run(command: Command, work: Work, fault: AgentFault | undefined): Promise<void> {
    const started = this.#clock.monotonic();
    const tell = (): void => {
      if (!this.#ingot || command.command_status !== 'RUNNING') return;
      const share = Math.min(1, (this.#clock.monotonic() - started) / Math.max(1, work.ms));
      const total = work.bytes ?? 100;
      this.#progress = {
        command: command.command_name,
        phase: 'write',
        what: '/dev/sda',
        bytes: Math.floor(total * share),
        total,
        bytes_per_second: total / Math.max(0.001, work.ms / 1000),
        eta_seconds: (work.ms * (1 - share)) / 1000,
      };
      void this.#heartbeat();
      this.#after(this.#latencies.progressMs, tell);
    };
    this.#after(this.#latencies.progressMs, tell);
    return new Promise((resolve) => {
      const half = fault === 'vanish' || fault === 'restart' || fault === 'poweroff';
      if (fault === 'never') return;
      this.#after(half ? work.ms / 2 : work.ms, () => {
        if (fault === 'vanish') this.#silent = true;
        else if (fault === 'restart') this.#machine.guestReset();
        else if (fault === 'poweroff') this.#machine.guestPowerOff();
        else {
          this.#end(command, work, fault);
          this.#progress = null;
          void this.#heartbeat();
        }
        resolve();
      });
    });
  }

  #end(command: Command, work: Work, fault: AgentFault | undefined): void {
    const said = fault === undefined ? undefined : SAID[fault];
    if (said !== undefined) {
      command.command_status = 'FAILED';
      command.command_error = { type: 'DeploymentError', code: 500, message: said, details: 'as told' };
      return;
    }
    if (fault === 'version') {
      command.command_status = 'CLEAN_VERSION_MISMATCH';
      return;
    }
    if (work.variables === true) this.#machine.guestWritesVariables();
    for (const { disk, system } of work.installs ?? []) this.#machine.install(disk, system);
    command.command_result = work.result;
    command.command_status = 'SUCCEEDED';
  }

  #fault(at: string): AgentFault | undefined {
    return this.#control.take(this.#machine.spec.name, at);
  }

  #did(what: string, detail: Record<string, unknown>): void {
    this.#control.did({ machine: this.#machine.spec.name, boot: this.#boot, what, detail });
  }

  /** The times of this machine: a rack is never as even as its settings. */
  #mine(times: AgentLatencies): AgentLatencies {
    const factor = () => 1 + times.jitter * (((this.#random.bytes(1)[0] ?? 0) / 255) * 2 - 1);
    const { ramdiskMs, writeMs, eraseMs, commandMs } = times;
    return {
      ...times,
      ramdiskMs: ramdiskMs * factor(),
      writeMs: writeMs * factor(),
      eraseMs: eraseMs * factor(),
      commandMs: commandMs * factor(),
    };
  }

  #ask(method: 'GET' | 'POST', path: string, version: string | null, body?: unknown) {
    return askApi(`${this.#options.apiUrl()}${path}`, method, version, body);
  }

  #after(ms: number, fn: () => void): () => void {
    const cancel = this.#clock.after(ms, () => {
      this.#timers.delete(cancel);
      if (!this.#stopped) fn();
    });
    this.#timers.add(cancel);
    return () => {
      this.#timers.delete(cancel);
      cancel();
    };
  }
}
