import { IngotError } from '#kernel/errors';
import type { Clock } from '#kernel/clock';
import type { SshConnection } from '#protocols/ssh/client';
import { Shell } from '#protocols/ssh/shell';
import { errors } from '../../errors.ts';
import type { ChangeSet, SwitchReading, SwitchSession, SwitchTarget } from '../contract.ts';
import { commandsFor } from './commands.ts';
import type { Lines, Platform } from './platform.ts';
import type { Step } from './templates.ts';
import { readConfiguration } from './readers.ts';

interface Times {
  clock: Clock;
  callMs: number;
}

/** More questions than this before it does what it was told, and something is wrong. */
const MOST_QUESTIONS = 5;
/** Control characters that are no line ends or tabs have no place in messages. */
const UNPRINTABLE = /[^\P{C}\n\t]/gu;

/** A command line that configures one switch. */
export class CliSession implements SwitchSession {
  readonly shownKey: string;
  readonly #shell: Shell;
  readonly #connection: SshConnection;
  readonly #platform: Platform;
  readonly #target: SwitchTarget;
  readonly #times: Times;
  /** Matches where it waits: the prompt at the end of what came. */
  readonly #waits: RegExp;
  readonly #prompts: RegExp;
  readonly #asks: RegExp | null;

  private constructor(shell: Shell, connection: SshConnection, platform: Platform, target: SwitchTarget, times: Times) {
    this.#shell = shell;
    this.#connection = connection;
    this.#platform = platform;
    this.#target = target;
    this.#times = times;
    this.shownKey = connection.hostKey;
    const prompt = platform.prompt.source;
    this.#prompts = new RegExp(`^(?:${prompt})`, 'gm');
    const questions = [
      ...platform.questions.map(({ asks }) => asks.source),
      ...(platform.unprivileged === undefined ? [] : [platform.unprivileged.asks.source]),
    ];
    this.#asks = questions.length === 0 ? null : new RegExp(`(?:${questions.join('|')})`, 'i');
    const asked = questions.length === 0 ? '' : `|(?:${questions.join('|')})`;
    this.#waits = new RegExp(`(?:^|\\n)(?:${prompt})$${asked}`, 'i');
  }

  /** Waits for the prompt, and makes it a command line for programs. Throws `SwitchLogin`, `SwitchBusy`, `SwitchCut`. */
  static async open(
    connection: SshConnection,
    platform: Platform,
    target: SwitchTarget,
    times: Times,
    signal: AbortSignal,
  ): Promise<CliSession> {
    let shell: Shell;
    try {
      shell = new Shell(await connection.shell(), connection, times.clock);
    } catch (error) {
      throw errors.SwitchBusy(target.name, error instanceof Error ? error.message : String(error), { cause: error });
    }
    const made = new CliSession(shell, connection, platform, target, times);
    const hello = await made.#until('its prompt', signal);
    await made.#elevate(hello, signal);
    for (const line of platform.setup) await made.#say(line, signal);
    return made;
  }

  get closed(): boolean {
    return this.#shell.closed || this.#connection.closed;
  }

  async read(signal: AbortSignal): Promise<SwitchReading> {
    const { show, showPorts } = this.#platform;
    const text = await this.#say(show, signal);
    const names = showPorts === undefined ? '' : await this.#say(showPorts.line, signal);
    try {
      const reading = readConfiguration(this.#platform, text, names, this.#target.parkingVlan);
      if (reading.ports.size > 0) return reading;
    } catch (error) {
      throw errors.SwitchGarbage(
        this.#target.name,
        `${show}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    throw errors.SwitchGarbage(this.#target.name, `${show} names no port`);
  }

  async apply(changes: ChangeSet, signal: AbortSignal): Promise<void> {
    const platform = this.#platform;
    const steps = commandsFor(platform, changes, this.#target.parkingVlan);
    if (steps.length === 0) return;
    let port: string | null = null;
    try {
      await this.#lines(platform.begin, signal);
      for (const step of steps) {
        port = step.port;
        await this.#step(step, signal);
      }
      port = null;
      await this.#lines(platform.end, signal);
    } catch (error) {
      const refused = error instanceof IngotError && ['SwitchRefused', 'SwitchBusy'].includes(error.code);
      // What a connection leaves behind that was cut or does not answer is the platform's to forget.
      if (!refused) {
        this.#abandon();
        throw error;
      }
      for (const line of platform.abort) await this.#say(line, signal, true);
      if (port === null || error.code === 'SwitchBusy') throw error;
      throw errors.SwitchRefused(this.#target.name, String(error.details?.['what']), String(error.details?.['why']), {
        cause: error,
        details: { port },
      });
    }
  }

  async save(signal: AbortSignal): Promise<void> {
    await this.#lines(this.#platform.save, signal);
  }

  async close(): Promise<void> {
    this.#shell.close();
    this.#connection.close();
  }

  #abandon(): void {
    this.#shell.close();
    this.#connection.close();
  }

  async #elevate(hello: string, signal: AbortSignal): Promise<void> {
    const { unprivileged } = this.#platform;
    if (unprivileged === undefined || !unprivileged.prompt.test(hello)) return;
    const { name, login } = this.#target;
    this.#shell.type(unprivileged.command);
    let said = await this.#until(unprivileged.command, signal);
    if (unprivileged.asks.test(said)) {
      const password = login.enablePassword ?? login.password;
      this.#shell.type(password?.reveal() ?? '');
      said = await this.#until(unprivileged.command, signal);
    }
    if (unprivileged.prompt.test(said) || unprivileged.asks.test(said)) {
      throw errors.SwitchLogin(name, `${unprivileged.command} needs another password`);
    }
  }

  /** Context first, one by one; then the lines that mean nothing to each other, typed ahead. */
  async #step({ enter, lines, leave }: Step, signal: AbortSignal): Promise<void> {
    await this.#lines(enter, signal);
    const { ahead } = this.#platform;
    for (let i = 0; i < lines.length; i += ahead) {
      const some = lines.slice(i, i + ahead);
      if (some.length === 1 || some.some((line) => line.startsWith('?'))) await this.#lines(some, signal);
      else await this.#ahead(some, signal);
    }
    await this.#lines(leave, signal);
  }

  async #lines(lines: Lines, signal: AbortSignal): Promise<void> {
    for (const line of lines) await this.#say(line.replace(/^\?/, ''), signal, line.startsWith('?'));
  }

  /** Types one line, answers what is asked, and gives what it printed. Throws `SwitchRefused`, unless that may be. */
  async #say(line: string, signal: AbortSignal, mayFail = false): Promise<string> {
    this.#shell.type(line);
    let text = '';
    for (let asked = 0; ; asked++) {
      const said = await this.#until(line, signal);
      text += said;
      const question = this.#asks !== null && !this.#atPrompt(said) ? this.#answerTo(said) : undefined;
      if (question === undefined) break;
      if (asked === MOST_QUESTIONS) throw errors.SwitchRefused(this.#target.name, line, 'it goes on asking');
      this.#shell.type(question);
    }
    const printed = text.replace(/^[^\n]*\n/, '');
    if (!mayFail) this.#judge(line, printed);
    return printed;
  }

  /** Types lines without waiting for each; as many prompts have to come. */
  async #ahead(lines: Lines, signal: AbortSignal): Promise<void> {
    for (const line of lines) this.#shell.type(line);
    let text = '';
    while ((text.match(this.#prompts)?.length ?? 0) < lines.length) text += await this.#until(lines.join('; '), signal);
    this.#judge(lines.join('; '), text);
  }

  #judge(line: string, printed: string): void {
    const { failures, busy } = this.#platform;
    const { name } = this.#target;
    for (const pattern of busy) {
      const found = pattern.exec(printed);
      if (found !== null) throw errors.SwitchBusy(name, shown(found[0]));
    }
    for (const pattern of failures) {
      const found = pattern.exec(printed);
      if (found === null) continue;
      const facts = { what: `"${shown(line)}"`, why: shown(found[0]) };
      throw errors.SwitchRefused(name, facts.what, facts.why, { details: facts });
    }
  }

  #atPrompt(text: string): boolean {
    const last = text.slice(text.lastIndexOf('\n') + 1);
    return new RegExp(`^(?:${this.#platform.prompt.source})$`).test(last);
  }

  #answerTo(text: string): string | undefined {
    return this.#platform.questions.find(({ asks }) => asks.test(text))?.answer;
  }

  async #until(what: string, signal: AbortSignal): Promise<string> {
    try {
      return (await this.#shell.until(this.#waits, `"${shown(what)}"`, this.#times.callMs, signal)).text;
    } catch (error) {
      if (!(error instanceof IngotError)) throw error;
      this.#abandon();
      throw errors.SwitchCut(this.#target.name, error.message, { cause: error });
    }
  }
}

const shown = (text: string): string => text.replaceAll(UNPRINTABLE, '').trim().slice(0, 200);
