import { isUuid } from '#kernel/ids';
import { errors } from '../errors.ts';
import type { Access, Ownership } from '../model/access.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import { textRows } from '../store/text-rows.ts';
import { checkStepPolicy } from './step-policy.ts';

/**
 * The UUID of a runbook the caller may run on a node. By traits: it and the node share one; otherwise the node has a
 * trait of the runbook's name. The steps of a project's runbook are held against the step policy. Throws 400, 403, 404.
 */
export async function usableRunbook(
  deps: BaremetalDeps,
  access: Access,
  ident: string,
  node: Ownership & { uuid: string },
  byTraits: boolean,
): Promise<string> {
  const nodeUuid = node.uuid;
  const column = isUuid(ident) ? 'uuid' : 'name';
  const text =
    `select r.uuid, r.owner, r.public, cardinality(r.traits) > 0, r.traits && n.traits, r.name = any(n.traits), ` +
    `array_to_string(r.traits, ', '), r.steps from runbooks r cross join nodes n where r.${column} = $1 and n.uuid = $2`;
  const [row] = await textRows(deps.store, { name: `bm_runbook_${column}`, text, values: [ident, nodeUuid] });
  if (row === undefined) throw errors.RunbookNotFound(ident);
  const [uuid, owner, isPublic, hasTraits, sharesTrait, namedLikeTrait, traits, steps] = row;
  const target = { owner: owner ?? null, public: isPublic === 't' };
  if (!access.allows('baremetal:runbook:use', target)) throw errors.Forbidden('baremetal:runbook:use');
  if (byTraits && hasTraits !== 't') {
    throw errors.Invalid(
      `Runbook ${uuid} has no traits configured. Please ask an administrator to add traits to the runbook.`,
    );
  }
  if (byTraits && sharesTrait !== 't') {
    throw errors.Invalid(
      `This runbook has not been approved for use on this node ${nodeUuid}. The node does not have any of the ` +
        `runbook's traits [${traits}]. Please ask an administrator to add a matching trait to your node.`,
    );
  }
  if (!byTraits && namedLikeTrait !== 't') {
    throw errors.Invalid(
      `This runbook has not been approved for use on this node ${nodeUuid}. Please ask an administrator to add it to ` +
        'your node traits.',
    );
  }
  // What a project wrote down is judged again, now that the machine is known; what an operator did, was approved.
  if (owner !== null) checkStepPolicy(access, JSON.parse(steps ?? '[]') as unknown[], node);
  return uuid as string;
}
