import { createServer, type Server } from 'node:http';
import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import type { Log } from '#platform/log';
import type { Store } from '#store/contract';
import { createReconciler, type Reconciler } from '#work/reconciler';
import { type AskingNetwork, networksThatAsk } from '../store/metadata.ts';
import { answerRequest, type AnswerParts } from './answer.ts';
import { Places } from './places.ts';

export type { NovaSettings } from '#protocols/nova/metadata';

export interface MetadataParts extends Pick<AnswerParts, 'instances' | 'nova'> {
  store: Store;
  clock: Clock;
  log: Log;
  /** The database of this host's Open vSwitch: `unix:…`. */
  switchDb: string;
  /** Networks are looked at this often. Default two seconds: machines take longer to boot. */
  everyMs?: number;
}

/** Requests of one network at a time; the others wait. */
const MOST_CONNECTIONS = 64;
const HEADERS_MS = 5_000;
const REQUEST_MS = 10_000;
const HEADER_BYTES = 8 * 1024;

/**
 * Answers what instances ask at 169.254.169.254, on this host: a place for each network that has somebody here. What
 * cannot be made is tried again at the next look.
 */
export class MetadataService {
  readonly #parts: MetadataParts;
  readonly #places: Places;
  readonly #open = new Map<string, { network: AskingNetwork; server: Server }>();
  readonly #chore: Reconciler;
  #host: string | undefined;

  constructor(parts: MetadataParts) {
    this.#parts = parts;
    this.#places = new Places(parts.switchDb, parts.clock);
    const { clock, log, everyMs = 2_000 } = parts;
    this.#chore = createReconciler({
      name: 'metadata',
      everyMs,
      clock,
      log,
      run: ({ signal }) => this.#run(signal),
    });
  }

  start(): void {
    this.#chore.start();
  }

  async stop(): Promise<void> {
    await this.#chore.stop();
    for (const id of [...this.#open.keys()]) await this.#shut(id);
  }

  async #run(signal: AbortSignal): Promise<void> {
    if (this.#host === undefined) {
      const host = await this.#places.hostname();
      await this.#places.clear();
      this.#host = host;
    }
    const wanted = new Map((await networksThatAsk(this.#parts.store, this.#host)).map((one) => [one.id, one]));
    for (const [id, { network }] of this.#open) if (wanted.get(id)?.mtu !== network.mtu) await this.#shut(id);
    const failed: unknown[] = [];
    for (const network of wanted.values()) {
      signal.throwIfAborted();
      if (this.#open.has(network.id)) continue;
      await this.#serve(network).catch((error: unknown) => failed.push(error));
    }
    if (failed.length > 0) throw failed[0];
  }

  async #serve(network: AskingNetwork): Promise<void> {
    const { store, instances, nova, log } = this.#parts;
    const answerParts = { store, instances, nova, log };
    const listening = await this.#places.open(network);
    const options = { headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS, maxHeaderSize: HEADER_BYTES };
    const server = createServer(options, (request, response) => {
      request.resume();
      void answerRequest(answerParts, network.id, request, response);
    });
    server.maxConnections = MOST_CONNECTIONS;
    server.on('error', (error) => log.debug({ network: network.id, err: error }, 'a metadata socket failed'));
    server.listen(listening);
    this.#open.set(network.id, { network, server });
  }

  async #shut(id: string): Promise<void> {
    const { log } = this.#parts;
    const known = this.#open.get(id);
    this.#open.delete(id);
    known?.server.close();
    known?.server.closeAllConnections();
    await this.#places
      .close(id)
      .catch((error: unknown) =>
        log.warn({ network: id, err: messageOf(error) }, 'a place of the metadata service could not be taken away'),
      );
  }
}
