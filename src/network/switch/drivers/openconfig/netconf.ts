import { IngotError } from '#kernel/errors';
import { NetconfSession } from '#protocols/netconf/session';
import { element, type Markup, type Xml } from '#protocols/netconf/xml';
import type { SshConnection } from '#protocols/ssh/client';
import { errors } from '../../errors.ts';
import { openSsh } from '../cli/driver.ts';
import type { ChangeSet, DriverParts, SwitchDriver, SwitchReading, SwitchSession, SwitchTarget } from '../contract.ts';
import {
  bondNamer,
  editsFor,
  filtersWith,
  instanceOf,
  OC_ABILITIES,
  OC_PORT,
  ocAbilities,
  readingOf,
} from './model.ts';
import { configXml, filter, readData } from './netconf-xml.ts';

/** Seconds after which a switch takes back a commit nobody confirmed: it cut us off with it. */
const CONFIRM_S = 60;
/** Somebody else has it for a while. */
const BUSY = new Set(['lock-denied', 'in-use', 'resource-denied']);

/** NETCONF over SSH with OpenConfig models: candidate, lock and confirmed commit where the switch has them. */
export class NetconfDriver implements SwitchDriver {
  readonly abilities = OC_ABILITIES;
  readonly abilitiesWith = ocAbilities;
  readonly isolates = false;
  readonly lagRange = [101, 128] as const;
  readonly #parts: DriverParts;

  constructor(parts: DriverParts) {
    this.#parts = parts;
  }

  portName(text: string): string | null {
    return OC_PORT.test(text) ? text : null;
  }

  async open(target: SwitchTarget, signal: AbortSignal): Promise<SwitchSession> {
    const { clock, callMs = 30_000 } = this.#parts;
    const connection = await openSsh(target, { clock, connectMs: callMs }, signal, 830);
    try {
      const channel = await connection.subsystem('netconf');
      const session = await NetconfSession.open(channel, connection.where, clock, callMs);
      connection.onClose(() => session.close());
      return new NetconfSwitch(connection, session, target);
    } catch (error) {
      connection.close();
      const why = error instanceof Error ? error.message : String(error);
      throw errors.SwitchBusy(target.name, `it opens no NETCONF session: ${why}`, { cause: error });
    }
  }
}

class NetconfSwitch implements SwitchSession {
  readonly shownKey: string;
  readonly #connection: SshConnection;
  readonly #session: NetconfSession;
  readonly #target: SwitchTarget;

  constructor(connection: SshConnection, session: NetconfSession, target: SwitchTarget) {
    this.#connection = connection;
    this.#session = session;
    this.#target = target;
    this.shownKey = connection.hostKey;
  }

  get closed(): boolean {
    return this.#session.closed || this.#connection.closed;
  }

  async read(signal: AbortSignal): Promise<SwitchReading> {
    const { options, parkingVlan } = this.#target;
    const instance = instanceOf(options);
    const filters = filtersWith(options).length > 0;
    const running = element('source', [element('running', [])]);
    const get = element('get-config', [running, filter(instance, filters)]);
    const { interfaces, vlans, acls } = readData(await this.#call(get, 'get-config', signal), instance);
    if (interfaces.length === 0) throw errors.SwitchGarbage(this.#target.name, 'it has no OpenConfig interfaces');
    return readingOf(interfaces, vlans, parkingVlan, filters ? acls : null);
  }

  async apply(changes: ChangeSet, signal: AbortSignal): Promise<void> {
    const { options, parkingVlan } = this.#target;
    const edits = editsFor(changes, bondNamer(options), parkingVlan);
    if (edits.length === 0) return;
    const candidate = this.#session.has('candidate');
    const store = candidate ? 'candidate' : 'running';
    const target = element('target', [element(store, [])]);
    await this.#call(element('lock', [target]), `lock ${store}`, signal);
    try {
      // What somebody left there is not ours to commit.
      if (candidate) await this.#call(element('discard-changes', []), 'discard-changes', signal);
      const whole = this.#session.has('rollback-on-error') ? [element('error-option', 'rollback-on-error')] : [];
      const config = configXml(edits, instanceOf(options));
      await this.#call(element('edit-config', [target, ...whole, config]), 'edit-config', signal);
      if (candidate) await this.#commit(signal);
    } catch (error) {
      if (candidate && !this.closed) await this.#quietly(element('discard-changes', []), signal);
      throw error;
    } finally {
      if (!this.closed) await this.#quietly(element('unlock', [target]), signal);
    }
  }

  async save(signal: AbortSignal): Promise<void> {
    if (!this.#session.has('startup')) return;
    const copy = element('copy-config', [
      element('target', [element('startup', [])]),
      element('source', [element('running', [])]),
    ]);
    await this.#call(copy, 'copy-config', signal);
  }

  async close(): Promise<void> {
    this.#session.close();
    this.#connection.close();
  }

  async #commit(signal: AbortSignal): Promise<void> {
    if (this.#session.has('confirmed-commit')) {
      const confirmed = [element('confirmed', []), element('confirm-timeout', CONFIRM_S)];
      await this.#call(element('commit', confirmed), 'a confirmed commit', signal);
    }
    await this.#call(element('commit', []), 'commit', signal);
  }

  /** Cleans up; what fails now was said already. */
  async #quietly(operation: Markup, signal: AbortSignal): Promise<void> {
    await this.#call(operation, 'cleaning up', signal).catch(() => {});
  }

  async #call(operation: Markup, what: string, signal: AbortSignal): Promise<Xml> {
    const { name } = this.#target;
    try {
      return await this.#session.call(operation, what, signal);
    } catch (error) {
      if (!(error instanceof IngotError)) throw error;
      if (error.code !== 'NetconfRefused') throw errors.SwitchCut(name, error.message, { cause: error });
      if (BUSY.has(String(error.details?.['tag']))) throw errors.SwitchBusy(name, error.message, { cause: error });
      const port = /interface\[(?:\w+:)?name=['"]([^'"]+)['"]\]/.exec(String(error.details?.['path']))?.[1];
      throw errors.SwitchRefused(name, what, error.message, {
        cause: error,
        ...(port === undefined ? {} : { details: { port } }),
      });
    }
  }
}
