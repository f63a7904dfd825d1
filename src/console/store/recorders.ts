import type { Reader } from '#store/contract';

/** Where the API reaches the recorder of a host. */
export interface RecorderRow {
  address: string | null;
  keySealed: string | null;
}

/** Tells where this host's recorder is reached; null: not from other hosts. */
export async function writeRecorder(
  reader: Reader,
  host: string,
  incarnation: string,
  at: { address: string; keySealed: string } | null,
): Promise<void> {
  await reader.query({
    text: `insert into console_recorders (host, incarnation, address, key_sealed) values ($1, $2, $3, $4)
      on conflict (host) do update set incarnation = excluded.incarnation, address = excluded.address,
        key_sealed = excluded.key_sealed, updated_at = now()`,
    values: [host, incarnation, at?.address ?? null, at?.keySealed ?? null],
  });
}

export async function recorderAt(reader: Reader, host: string): Promise<RecorderRow | undefined> {
  const rows = await reader.query<{ address: string | null; key_sealed: string | null }>({
    name: 'console.recorder',
    text: 'select address, key_sealed from console_recorders where host = $1',
    values: [host],
  });
  const row = rows[0];
  return row === undefined ? undefined : { address: row.address, keySealed: row.key_sealed };
}
