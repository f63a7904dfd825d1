import type { Clock } from '#kernel/clock';
import { type RedfishCall, type RedfishClient, type Resource, isRefusal } from '#protocols/redfish/client';
import { errors as redfishErrors } from '#protocols/redfish/errors';
import { isJson, linksOf, textOf } from '#protocols/redfish/json';
import { errors } from '../../errors.ts';
import type { DriverCall } from '../contract.ts';
import type { KnownBmc, RedfishClients } from './clients.ts';
import { type Quirk, type QuirkFlags, flagsOf, quirksFor } from './quirks.ts';
import { PIN_NOTE, redfishSettings } from './settings.ts';

/** Refusals that mean: not now. The BMC did nothing, so asking again is safe. */
const BUSY = [
  'UnableToModifyDuringSystemPOST',
  'InvalidOperationForSystemState',
  'ActionParameterValueConflict',
  'ResourceInUse',
  'SYS518',
] as const;
/** A BMC that was asked for its firmware so lately is not asked again. */
const FIRMWARE_MS = 5 * 60_000;
const BUSY_PAUSE_MS = 2_000;
/** Dell's 17th generation refuses power on for up to a minute after power off. */
const BUSY_FOR_MS = 75_000;

/** What one call read is used again in it for so long. */
const JUST_READ_MS = 1_000;
const justRead = new WeakMap<DriverCall, { system: Resource; at: number }>();

/** What all Redfish interfaces share. */
export interface RedfishContext {
  clients: RedfishClients;
  clock: Clock;
}

/** The BMC of one call: its client, its system, its quirks. */
export class RedfishBmc {
  readonly client: RedfishClient;
  readonly call: DriverCall;
  /** For the client. */
  readonly ask: RedfishCall;
  readonly clock: Clock;
  readonly #known: KnownBmc;
  readonly #systemPath: string | null;

  constructor(context: RedfishContext, call: DriverCall) {
    const { access, systemPath } = redfishSettings(call.node);
    this.#known = context.clients.of(access);
    this.#systemPath = systemPath;
    this.client = this.#known.client;
    this.call = call;
    this.clock = context.clock;
    this.ask = {
      signal: call.signal,
      beforeWrite: () => {
        justRead.delete(call);
        call.assertMayWrite();
      },
    };
  }

  /**
   * The node's system as this very call read it a moment ago, when it wrote nothing since; else it is read now. For who
   * has to know before the first attempt at something, not for who looks whether it came true.
   */
  async systemJustRead(): Promise<Resource> {
    const known = justRead.get(this.call);
    if (known !== undefined && this.clock.monotonic() - known.at < JUST_READ_MS) return known.system;
    return await this.system();
  }

  /** The node's system. Throws 400 when there are several and driver_info names none. */
  async system(): Promise<Resource> {
    const key = this.#systemPath ?? '';
    const path = this.#known.systems.get(key) ?? (await this.#findSystem());
    const found = await this.client.find(path, this.ask);
    if (found === undefined) {
      this.#known.systems.delete(key);
      throw redfishErrors.RedfishNotFound(`GET ${path}`);
    }
    this.#known.systems.set(key, path);
    justRead.set(this.call, { system: found, at: this.clock.monotonic() });
    this.#notePin();
    return found;
  }

  /** The managers of a system: as it says, else the only one there is (Huawei and emulators say nothing). */
  async managers(system: Resource): Promise<Resource[]> {
    const links = isJson(system.body['Links']) ? system.body['Links'] : {};
    const named = [...linksOf(links['ManagedBy']), ...linksOf(links['Managers'])];
    if (named.length > 0) return this.client.all([...new Set(named)], this.ask);
    return this.client.members((await this.#root()).body['Managers'], this.ask);
  }

  /** The chassis a system sits in, or all there are when it does not say. */
  async chassis(system: Resource): Promise<Resource[]> {
    const links = isJson(system.body['Links']) ? system.body['Links'] : {};
    const named = linksOf(links['Chassis']);
    if (named.length > 0) return this.client.all(named, this.ask);
    return this.client.members((await this.#root()).body['Chassis'], this.ask);
  }

  /** A member of the service root, followed. */
  async service(name: string): Promise<Resource | undefined> {
    return this.client.follow((await this.#root()).body[name], this.ask);
  }

  /** In what this make differs; noted on the node, where people see it. */
  async quirks(system: Resource): Promise<QuirkFlags> {
    const found: Quirk[] = quirksFor({
      manufacturer: textOf(system.body['Manufacturer']),
      model: textOf(system.body['Model']),
      firmware: await this.#firmware(system),
    });
    this.call.notes.internal({ redfish_quirks: found.map((quirk) => quirk.id) });
    return flagsOf(found);
  }

  /** A BMC's firmware does not change from one request to the next. */
  async #firmware(system: Resource): Promise<string | null> {
    const now = this.clock.monotonic();
    const known = this.#known.firmware.get(system.path);
    if (known !== undefined && now - known.at < FIRMWARE_MS) return known.version;
    const [manager] = await this.managers(system);
    const version = textOf(manager?.body['FirmwareVersion']);
    this.#known.firmware.set(system.path, { version, at: now });
    return version;
  }

  /** The next start of the machine waits so long: what was just accepted counts only then. */
  holdStart(ms: number): void {
    this.#known.startsFrom = this.clock.monotonic() + ms;
  }

  /** Waits until the machine may be started. */
  async mayStart(): Promise<void> {
    const ms = this.#known.startsFrom - this.clock.monotonic();
    if (ms > 0) await this.clock.sleep(ms, this.ask.signal);
  }

  /** Does it again while the BMC says that it cannot just now. `work` reads before it writes. */
  async patiently<T>(work: () => Promise<T>): Promise<T> {
    const until = this.clock.monotonic() + BUSY_FOR_MS;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isRefusal(error, ...BUSY) || this.clock.monotonic() > until) throw error;
      }
      await this.clock.sleep(BUSY_PAUSE_MS, this.ask.signal);
    }
  }

  /** Where its parts are: a BMC that is updated may move them, one at work does not. */
  async #root(): Promise<Resource> {
    const { root } = this.#known;
    if (root !== undefined && this.clock.monotonic() - root.at < FIRMWARE_MS) return root.resource;
    const resource = await this.client.get('/redfish/v1/', this.ask);
    this.#known.root = { resource, at: this.clock.monotonic() };
    return resource;
  }

  async #findSystem(): Promise<string> {
    if (this.#systemPath !== null) return this.#systemPath;
    const links = await this.client.links((await this.#root()).body['Systems'], this.ask);
    const [first] = links;
    if (first === undefined) throw redfishErrors.RedfishShape('has no systems');
    if (links.length === 1) return first;
    const systems = await this.client.all(links, this.ask);
    const physical = systems.filter((one) => one.body['SystemType'] === 'Physical');
    const [only] = physical;
    if (physical.length === 1 && only !== undefined) return only.path;
    throw errors.MissingParameterValue(
      `The BMC has more than one system (${links.join(', ')}): driver_info must name the node's as redfish_system_id.`,
    );
  }

  #notePin(): void {
    const { pin } = this.client.http;
    if (pin !== null && this.call.node.driverInternalInfo?.[PIN_NOTE] === undefined) {
      this.call.notes.internal({ [PIN_NOTE]: pin });
    }
  }
}
