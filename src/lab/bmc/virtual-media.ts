import { access, mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Clock } from '#kernel/clock';
import type { Caller, Ledger } from '../ledger.ts';
import type { Machine } from '../machine/contract.ts';
import { Turns } from '../turns.ts';
import { fetchFile } from './fetch-file.ts';
import { refuse } from './refusal.ts';
import type { MediaSlotTrait, Traits } from './traits.ts';

const MAX_IMAGE = 16 * 1024 ** 3;
const FETCH_MS = 10 * 60_000;

/** What a client says when it inserts. */
export interface InsertRequest {
  image: string;
  inserted?: boolean | undefined;
  writeProtected?: boolean | undefined;
  userName?: string | undefined;
  password?: string | undefined;
  verifyCertificate?: boolean | undefined;
  transferMethod?: string | undefined;
  transferProtocol?: string | undefined;
}

/** One slot as clients see it. */
export interface MediaState {
  slot: MediaSlotTrait;
  image: string | null;
  inserted: boolean;
  writeProtected: boolean;
  userName: string | null;
  verifyCertificate: boolean;
  transferMethod: string;
  transferProtocol: string | null;
}

export interface VirtualMediaOptions {
  /** Where fetched images are kept. Null: images are not fetched, only noted (simulated machines). */
  dir: string | null;
}

/** Virtual media of one BMC: fetches images and puts them into the machine's slots. */
export class VirtualMedia {
  readonly #machine: Machine;
  readonly #traits: () => Traits;
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #dir: string | null;
  readonly #states = new Map<string, Omit<MediaState, 'slot'>>();
  readonly #turns = new Turns();
  readonly #ejectingUntil = new Map<string, number>();
  readonly #fetched = new Map<string, string>();
  #count = 0;
  /** The OEM switch that quirk `mediaDetached` wants set. */
  attached = false;

  constructor(machine: Machine, traits: () => Traits, ledger: Ledger, clock: Clock, options: VirtualMediaOptions) {
    this.#machine = machine;
    this.#traits = traits;
    this.#ledger = ledger;
    this.#clock = clock;
    this.#dir = options.dir;
  }

  list(): MediaState[] {
    return this.#traits().mediaSlots.map((slot) => ({ slot, ...this.#state(slot.id) }));
  }

  get(id: string): MediaState | undefined {
    return this.list().find((s) => s.slot.id === id);
  }

  /** Fetches the image and inserts it. Throws refusals; an inserted image must be ejected first. */
  insert(id: string, request: InsertRequest, caller: Caller): Promise<void> {
    return this.#turns.take(async () => {
      const { slot, ...state } = this.#must(id);
      if (this.#ejecting(id)) throw refuse('ServiceTemporarilyUnavailable', '5');
      if (state.inserted) throw refuse('ResourceInUse');
      if (slot.insert === 'broken') throw refuse('PropertyValueNotInList', slot.mediaTypes.join(), 'MediaType');
      if (request.inserted === false) throw refuse('ActionParameterNotSupported', 'Inserted', 'InsertMedia');
      const readOnly = request.writeProtected ?? true;
      const file = await this.#file(id, request);
      this.#ledger.add(this.#machine.spec.name, 'action', caller, 'media.insert', { slot: id, image: request.image });
      const visible = !this.#traits().mediaDetached || this.attached;
      if (slot.slot !== 'none' && visible) await this.#machine.setMedium(slot.slot, { file, readOnly });
      this.#states.set(id, {
        image: request.image,
        inserted: true,
        writeProtected: readOnly,
        userName: request.userName ?? null,
        verifyCertificate: request.verifyCertificate ?? false,
        transferMethod: request.transferMethod ?? 'Stream',
        transferProtocol: request.transferProtocol ?? new URL(request.image).protocol.slice(0, -1).toUpperCase(),
      });
    });
  }

  /** Empties a slot; nothing when it is empty. With `ejectMs` it goes on showing the old image for a while. */
  eject(id: string, caller: Caller): Promise<void> {
    return this.#turns.take(async () => {
      const { slot, inserted } = this.#must(id);
      if (!inserted) return;
      this.#ledger.add(this.#machine.spec.name, 'action', caller, 'media.eject', { slot: id });
      if (slot.slot !== 'none') await this.#machine.setMedium(slot.slot, null);
      const file = this.#fetched.get(id);
      if (file !== undefined) await rm(file, { force: true });
      this.#fetched.delete(id);
      const { ejectMs } = this.#traits();
      if (ejectMs === 0) this.#states.delete(id);
      else this.#ejectingUntil.set(id, this.#clock.monotonic() + ejectMs);
    });
  }

  #must(id: string): MediaState {
    const state = this.get(id);
    if (state === undefined) throw refuse('ResourceNotFound', 'VirtualMedia', id);
    return state;
  }

  #ejecting(id: string): boolean {
    const until = this.#ejectingUntil.get(id);
    if (until === undefined) return false;
    if (this.#clock.monotonic() < until) return true;
    this.#ejectingUntil.delete(id);
    this.#states.delete(id);
    return false;
  }

  #state(id: string): Omit<MediaState, 'slot'> {
    this.#ejecting(id);
    return this.#states.get(id) ?? EMPTY;
  }

  async #file(id: string, request: InsertRequest): Promise<string> {
    let url: URL;
    try {
      url = new URL(request.image);
    } catch {
      throw refuse('PropertyValueFormatError', request.image, 'Image');
    }
    if (this.#dir === null) return request.image;
    if (url.protocol === 'file:') {
      const file = fileURLToPath(url);
      await access(file).catch(() => {
        throw refuse('ResourceMissingAtURI', request.image);
      });
      return file;
    }
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw refuse('PropertyValueNotInList', url.protocol, 'TransferProtocolType');
    }
    await mkdir(this.#dir, { recursive: true });
    const file = `${this.#dir}/${id}-${++this.#count}.img`;
    this.#fetched.set(id, file);
    await fetchFile(request.image, file, {
      maxBytes: MAX_IMAGE,
      timeoutMs: FETCH_MS,
      verifyCertificate: request.verifyCertificate ?? false,
      user: request.userName,
      password: request.password,
    });
    return file;
  }
}

const EMPTY: Omit<MediaState, 'slot'> = {
  image: null,
  inserted: false,
  writeProtected: true,
  userName: null,
  verifyCertificate: false,
  transferMethod: 'Stream',
  transferProtocol: null,
};
