import type { Call, NewColumns, Wish } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { isExternalAction, ownerOf } from '../../store/rbac-objects.ts';
import { insertRows } from '../../store/rows.ts';

/** Shares things. Only their owner does, and the cloud's admin; with everybody only the admin. */
export async function createRbacPolicies(
  call: Call,
  wishes: readonly Wish[],
  columns: readonly NewColumns[],
): Promise<void> {
  const { tx } = call;
  for (const [at, wish] of wishes.entries()) {
    const kind = String(wish['object_type']);
    const object = String(wish['object_id']).toLowerCase();
    const action = String(wish['action']);
    if (isExternalAction(action) && kind !== 'network')
      throw refusals.InvalidInput(`'${action}' is no action on a ${kind}: access_as_shared`);
    const owner = await ownerOf(tx, kind, object);
    const admin = call.allows('network_admin');
    if (owner === undefined || (owner !== call.project && !admin))
      throw refusals.RbacPolicyNotFound(`${kind} with the object ${object}`);
    if (isExternalAction(action)) {
      call.demand('create_network:router:external', { project_id: owner });
      await tx.query({
        name: 'network external now',
        text: 'update net_networks set external = true where id = $1 and not external',
        values: [object],
      });
    }
    const same = await tx.query({
      name: 'network rbac same',
      text: 'select from net_rbac_policies where object_type = $1 and object_id = $2 and target_project = $3 and action = $4',
      values: [kind, object, wish['target_tenant'], action],
    });
    if (same.length > 0) throw refusals.RbacPolicyExists();
    await insertRows(tx, 'net_rbac_policies', [columns[at] as NewColumns]);
  }
}
