import type { Store } from '#store/contract';

/** Facts of a process that serves boots. */
export interface BootHost {
  host: string;
  baseUrl: string;
  mediaUrl: string;
  /** Reasons for what it cannot do, by method; and whether it answers DHCP. */
  facts: { dhcp: 'on' | 'proxy' | 'off'; problems: readonly string[]; media: string | null };
}

/** A host that has not said so for this long serves no more. */
const ALIVE_S = 60;

/** Says that this host serves, now. */
export async function beat(store: Store, host: BootHost): Promise<void> {
  await store.query({
    name: 'boot.hosts.beat',
    text: `insert into boot_hosts (host, base_url, media_url, facts, beat_at) values ($1, $2, $3, $4, clock_timestamp())
           on conflict (host) do update set base_url = excluded.base_url, media_url = excluded.media_url,
             facts = excluded.facts, beat_at = excluded.beat_at`,
    values: [host.host, host.baseUrl, host.mediaUrl, JSON.stringify(host.facts)],
  });
}

/** Says that it does not any more. */
export async function endBeat(store: Store, host: string): Promise<void> {
  await store.query({ text: 'delete from boot_hosts where host = $1', values: [host] });
}

/** Those that serve now, the same order for everybody. */
export async function aliveHosts(store: Store): Promise<BootHost[]> {
  const rows = await store.query<{ host: string; base_url: string; media_url: string; facts: BootHost['facts'] }>({
    name: 'boot.hosts.alive',
    text: `select host, base_url, media_url, facts from boot_hosts
           where beat_at > clock_timestamp() - interval '${ALIVE_S} seconds' order by host`,
  });
  return rows.map((row) => ({ host: row.host, baseUrl: row.base_url, mediaUrl: row.media_url, facts: row.facts }));
}
