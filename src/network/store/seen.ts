import type { Reader } from '#store/contract';
import type { Actor } from '../app/actor.ts';

/** A network as who refers to it by id may know it. */
export interface SeenNetwork {
  id: string;
  project_id: string;
  external: boolean;
  /** Its owner, or the cloud's admin, asks. */
  own: boolean;
}

/** A network the actor may see: its own, shared ones, and those to the outside. */
export async function seenNetwork(reader: Reader, id: string, actor: Actor): Promise<SeenNetwork | undefined> {
  const text = `
    select n.id, n.project_id, n.external, ($3::boolean or n.project_id = $2) as own from net_networks n
     where n.id = $1 and ($3 or n.project_id = $2 or exists (
       select from net_rbac_policies r where r.object_type = 'network' and r.object_id = n.id and r.target_project in ('*', $2)))
     for share of n`;
  const rows = await reader.query<SeenNetwork>({
    name: 'network seen',
    text,
    values: [id, actor.project, actor.admin],
  });
  return rows[0];
}
