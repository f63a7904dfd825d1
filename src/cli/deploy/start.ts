import type { Client } from '#sdk/client';
import { baremetal } from '#sdk/generated/baremetal';
import type { Chosen } from './choose.ts';
import { instanceFrom, type Wanted } from './wanted.ts';

/** Writes what the instance is to be and asks for it; without `drive` it gets no config drive. A failed deploy of before is done anew. */
export async function startDeploy(
  client: Client,
  chosen: Chosen,
  wanted: Wanted,
  drive: Record<string, unknown> | undefined,
): Promise<void> {
  const params = { node_ident: chosen.uuid };
  const info = instanceFrom(wanted);
  await client.baremetal.loose(baremetal.nodeUpdate, {
    params,
    body: Object.entries(info).map(([key, value]) => ({ op: 'add', path: `/instance_info/${key}`, value })),
  });
  await client.baremetal.loose(baremetal.nodeStatesProvision, {
    params,
    body: { target: 'active', ...(drive === undefined ? {} : { configdrive: drive }) },
  });
}
