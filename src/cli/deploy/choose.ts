import type { Client } from '#sdk/client';
import { baremetal } from '#sdk/generated/baremetal';
import { newUuid } from '#kernel/ids';
import { waitFor } from '#sdk/wait';
import { UsageError } from '../baremetal/context.ts';
import type { Wanted } from './wanted.ts';

/** The node it will be. */
export interface Chosen {
  uuid: string;
  name: string;
  /** It was taken for this by an allocation. */
  allocated: boolean;
}

const WAIT_MS = 60_000;

/**
 * The named node, or one that is available: by an allocation, so that two who ask at once get two. A dry run only looks.
 * Throws UsageError when there is none.
 */
export async function chooseNode(client: Client, wanted: Wanted, dry: boolean): Promise<Chosen> {
  const api = client.baremetal;
  if (wanted.node !== undefined) {
    const node = (await api.loose(baremetal.nodeShow, {
      params: { node_ident: wanted.node },
      query: { fields: ['uuid', 'name'] },
    })) as { uuid: string; name: string | null };
    return { uuid: node.uuid, name: node.name ?? node.uuid, allocated: false };
  }
  const { nodes } = (await api.loose(baremetal.nodeList, {
    query: {
      provision_state: 'available',
      maintenance: false,
      associated: false,
      fields: ['uuid', 'name', 'resource_class', 'traits'],
      ...(wanted.resourceClass === undefined ? {} : { resource_class: wanted.resourceClass }),
    },
  })) as { nodes: { uuid: string; name: string | null; resource_class: string | null; traits?: string[] }[] };
  const fit = nodes.filter((node) => wanted.traits.every((trait) => node.traits?.includes(trait)));
  const [first] = fit;
  if (first === undefined) {
    const of = wanted.resourceClass === undefined ? '' : ` of resource class ${wanted.resourceClass}`;
    throw new UsageError(`No node${of} is available. See: ingot baremetal node list`);
  }
  if (dry || first.resource_class === null)
    return { uuid: first.uuid, name: first.name ?? first.uuid, allocated: false };
  return await allocate(client, first.resource_class, wanted);
}

async function allocate(client: Client, resourceClass: string, wanted: Wanted): Promise<Chosen> {
  const uuid = newUuid();
  await client.baremetal.loose(baremetal.allocationCreate, {
    body: {
      uuid,
      resource_class: resourceClass,
      ...(wanted.name === undefined ? {} : { name: wanted.name }),
      ...(wanted.traits.length === 0 ? {} : { traits: wanted.traits }),
    },
  });
  const facts = await waitFor({
    connection: client.baremetal,
    events: client.operations,
    topic: 'allocations',
    operation: baremetal.allocationShow,
    params: { allocation_ident: uuid },
    timeoutMs: WAIT_MS,
    judge: (one) =>
      one['state'] === 'active'
        ? { done: true }
        : one['state'] === 'error'
          ? { done: false, failed: `No node could be taken: ${String(one['last_error'])}` }
          : { done: false },
  });
  const node = (await client.baremetal.loose(baremetal.nodeShow, {
    params: { node_ident: String(facts['node_uuid']) },
    query: { fields: ['uuid', 'name'] },
  })) as { uuid: string; name: string | null };
  return { uuid: node.uuid, name: node.name ?? node.uuid, allocated: true };
}
