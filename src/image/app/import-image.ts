import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { fetchBytes } from '../cache/fetch.ts';
import { httpSource } from '../drivers/http-source.ts';
import { errors } from '../errors.ts';
import type { ImageRoom } from '../room.ts';
import type { ImageRow } from '../model/image.ts';
import { updateImage } from '../store/images.ts';
import { activateStaged, storeBytes } from './upload.ts';

/** Ways an image can come in. */
export const IMPORT_METHODS = ['glance-direct', 'web-download'] as const;

/** Property that says why an import failed. */
const FAILED = 'ingot_import_error';

/** Imports that run in this process; they stop with it, and are seen as dead by others soon after. */
export class Imports {
  readonly #room: ImageRoom;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(room: ImageRoom) {
    this.#room = room;
  }

  /** Begins an import; it goes on after the request was answered. Throws when it cannot begin. */
  begin(row: ImageRow, method: { name: string; uri?: string | undefined }): void {
    if (method.name === 'glance-direct') {
      if (row.status !== 'uploading') throw errors.ImageConflict(`Image ${row.id} has nothing staged`);
      this.#run(row, () => activateStaged(this.#room, row));
      return;
    }
    if (method.name !== 'web-download')
      throw errors.ImageInvalid(`Images are imported by ${IMPORT_METHODS.join(' or ')}`);
    if (row.status !== 'queued') throw errors.ImageConflict(`Image ${row.id} is not queued`);
    const { uri } = method;
    if (uri === undefined || !URL.canParse(uri)) throw errors.ImageInvalid('web-download needs the uri of the image');
    this.#run(row, async () => {
      const { clock, config, outbound } = this.#room;
      const source = httpSource(uri, { outbound });
      const bytes = fetchBytes(source, limitsOf(clock, config), this.#stop.signal);
      await storeBytes(this.#room, row, bytes, { from: ['queued'], during: 'importing', become: 'active' });
    });
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error('the service stops'));
    await Promise.allSettled(this.#running);
  }

  #run(row: ImageRow, work: () => Promise<void>): void {
    const { store, log } = this.#room;
    const running = work()
      .catch(async (error: unknown) => {
        log.warn({ err: error, image: row.id }, 'image could not be imported');
        const properties = { ...row.properties, [FAILED]: messageOf(error).slice(0, 1000) };
        await updateImage(store, row.id, { status: 'queued', properties }).catch(() => {});
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }
}

function limitsOf(clock: Clock, config: ImageRoom['config']) {
  return { clock, maxBytes: config.limits.maxSourceBytes, retries: 6, stallMs: config.stallMs };
}

/** Uploads whose process is gone leave their image empty, ready to be sent again. */
export async function reviveDead(room: ImageRoom): Promise<void> {
  await room.store.query({
    name: 'image.revive',
    text: `update images set status = 'queued', updated_at = now()
           where node_uuid is null and status in ('saving', 'importing') and updated_at < now() - interval '2 minutes'`,
  });
}
