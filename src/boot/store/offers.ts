import { createHash } from 'node:crypto';
import type { BootRequest } from '#contracts/boot';
import type { Reader, Sealer, Store, Tx } from '#store/contract';
import { errors } from '../errors.ts';
import type { Offer } from '../model/offer.ts';

/** Topic of the change feed; the id is the node's. */
export const TOPIC = 'boot_offers';

interface Row {
  node_uuid: string;
  sealed: string;
  created_ms: number;
  expires_ms: number | null;
}

const COLUMNS = `o.node_uuid, o.sealed, extract(epoch from o.created_at)::float8 * 1000 as created_ms,
  extract(epoch from o.expires_at)::float8 * 1000 as expires_ms`;
const ALIVE = '(o.expires_at is null or o.expires_at > clock_timestamp())';

/** The rows of what is offered. */
export class Offers {
  readonly #store: Store;
  readonly #sealer: Sealer;

  constructor(store: Store, sealer: Sealer) {
    this.#store = store;
    this.#sealer = sealer;
  }

  /** Puts an offer in the place of the node's last one. Throws BootMacTaken. */
  put(nodeUuid: string, nonce: string, request: BootRequest, lifeMs: number | null): Promise<Offer> {
    const sealed = this.#sealer.seal({ nonce, request }, aad(nodeUuid));
    return this.#store.tx(async (tx) => {
      await this.#freeMacs(tx, nodeUuid, request.node.macs);
      const rows = await tx.query<Row>({
        text: `insert into boot_offers as o (node_uuid, nonce_hash, sealed, expires_at)
               values ($1, $2, $3, clock_timestamp() + $4::float8 * interval '1 millisecond')
               on conflict (node_uuid) do update set nonce_hash = excluded.nonce_hash, sealed = excluded.sealed,
                 created_at = clock_timestamp(), expires_at = excluded.expires_at
               returning ${COLUMNS}`,
        values: [nodeUuid, hashOf(nonce), sealed, lifeMs],
      });
      await tx.query({ text: 'delete from boot_macs where node_uuid = $1', values: [nodeUuid] });
      await tx.query({
        text: 'insert into boot_macs (mac, node_uuid) select distinct unnest($2::text[]), $1::uuid',
        values: [nodeUuid, request.node.macs],
      });
      tx.changed(TOPIC, nodeUuid);
      return this.#offer(rows[0] as Row);
    });
  }

  /** Takes the node's offer away; false when there was none. */
  async remove(nodeUuid: string): Promise<boolean> {
    return this.#store.tx(async (tx) => {
      const rows = await tx.query({
        text: 'delete from boot_offers where node_uuid = $1 returning 1',
        values: [nodeUuid],
      });
      if (rows.length > 0) tx.changed(TOPIC, nodeUuid);
      return rows.length > 0;
    });
  }

  /** What the node is offered now. */
  async ofNode(nodeUuid: string): Promise<Offer | null> {
    return this.#one('o.node_uuid = $1', nodeUuid);
  }

  async byNonce(nonce: string): Promise<Offer | null> {
    return this.#one('o.nonce_hash = $1', hashOf(nonce));
  }

  async byMac(mac: string): Promise<Offer | null> {
    return this.#one('o.node_uuid = (select node_uuid from boot_macs where mac = $1)', mac);
  }

  /** All that stand, oldest first. */
  async all(): Promise<Offer[]> {
    const rows = await this.#store.query<Row>({
      name: 'boot.offers',
      text: `select ${COLUMNS} from boot_offers o where ${ALIVE} order by o.created_at`,
    });
    return rows.map((row) => this.#offer(row));
  }

  async #one(where: string, value: unknown): Promise<Offer | null> {
    const rows = await this.#store.query<Row>({
      text: `select ${COLUMNS} from boot_offers o where ${where} and ${ALIVE}`,
      values: [value],
    });
    return rows[0] === undefined ? null : this.#offer(rows[0]);
  }

  /** Addresses of offers that ended are free; those of others are not. */
  async #freeMacs(tx: Tx, nodeUuid: string, macs: readonly string[]): Promise<void> {
    const taken = await tx.query<{ mac: string; node_uuid: string; alive: boolean }>({
      text: `select m.mac, m.node_uuid, ${ALIVE} as alive from boot_macs m join boot_offers o using (node_uuid)
             where m.mac = any ($1::text[]) and m.node_uuid <> $2 for update of o`,
      values: [macs, nodeUuid],
    });
    for (const row of taken) {
      if (row.alive) throw errors.BootMacTaken(row.mac, row.node_uuid);
      await tx.query({ text: 'delete from boot_offers where node_uuid = $1', values: [row.node_uuid] });
      tx.changed(TOPIC, row.node_uuid);
    }
  }

  #offer(row: Row): Offer {
    const { nonce, request } = this.#sealer.open<{ nonce: string; request: BootRequest }>(
      row.sealed,
      aad(row.node_uuid),
    );
    return { nodeUuid: row.node_uuid, nonce, request, createdAt: row.created_ms, expiresAt: row.expires_ms };
  }
}

/** Removes offers that ended; one process at a time gets each. */
export async function pruneOffers(store: Store): Promise<void> {
  const rows = await store.query<{ node_uuid: string }>({
    text: 'delete from boot_offers where expires_at < clock_timestamp() returning node_uuid',
  });
  if (rows.length > 0) store.changes.announce(TOPIC, ...rows.map((row) => row.node_uuid));
}

/** Which node each address is of, while it is offered something. */
export async function nodesByMac(reader: Reader): Promise<Map<string, string>> {
  const rows = await reader.query<{ mac: string; node_uuid: string }>({
    name: 'boot.macs',
    text: 'select mac, node_uuid from boot_macs',
  });
  return new Map(rows.map((row) => [row.mac, row.node_uuid]));
}

const aad = (nodeUuid: string) => `boot_offer:${nodeUuid}`;
const hashOf = (nonce: string) => createHash('sha256').update(nonce).digest();
