import type { Reply, RequestContext } from '#http/contract';
import { authorise, readNode } from '../../app/find-node.ts';
import { errors } from '../../errors.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import type { DriverCatalogue } from '../../model/driver-catalogue.ts';
import { hostFor } from '../../model/ring.ts';
import type { TextRow } from '../../store/text-rows.ts';
import { accessOf } from '../access.ts';
import { type Plan, planCache } from '../serializer/plan.ts';
import { NODES } from '../versions/nodes.ts';

/** Plans of nodes; each also reads what visibility and edits need. */
export const nodePlan = planCache(NODES, ['owner', 'lessee', 'revision']);

/** Rule of those who see nodes without a look at single fields. */
const THRESHOLD = 'baremetal:node:get:filter_threshold';

/**
 * Which guarded fields of a row the caller may not see, as bits for the plan's writer. System readers pass the
 * threshold and cost nothing; for others the rules are asked once for each pair of owner and lessee.
 */
function hiddenBits(context: RequestContext, plan: Plan): ((row: TextRow) => number) | undefined {
  if (plan.guards.length === 0 || context.allows(THRESHOLD)) return undefined;
  const owner = plan.at('owner');
  const lessee = plan.at('lessee');
  const known = new Map<string, number>();
  return (row) => {
    const target = { owner: row[owner] ?? null, lessee: row[lessee] ?? null };
    const key = `${target.owner}/${target.lessee}`;
    let bits = known.get(key);
    if (bits === undefined) {
      bits = 0;
      plan.guards.forEach((rule, i) => {
        if (!context.allows(rule, target)) bits = (bits ?? 0) | (1 << i);
      });
      known.set(key, bits);
    }
    return bits;
  };
}

/** Gives the live conductor that looks after a node, from memory. */
function conductorOf(catalogue: DriverCatalogue): (at: (column: string) => string | null) => string | null {
  const hosts = new Map<string, string[]>();
  return (at) => {
    const driver = at('driver') ?? '';
    const group = at('conductor_group') ?? '';
    const key = `${driver}/${group}`;
    let live = hosts.get(key);
    if (live === undefined) {
      const offer = catalogue.offer(driver);
      live = offer?.hosts.filter((entry) => entry.group === group).map((entry) => entry.host) ?? [];
      hosts.set(key, live);
    }
    return hostFor(live, at('uuid') ?? '');
  };
}

/** Makes the function that writes rows of a plan as JSON for this caller. */
export function nodeWriter(context: RequestContext, catalogue: DriverCatalogue, plan: Plan): (row: TextRow) => string {
  const write = plan.writer({ baseUrl: context.baseUrl, computed: { conductor: conductorOf(catalogue) } });
  const hidden = hiddenBits(context, plan);
  return hidden === undefined ? (row) => write(row) : (row) => write(row, hidden(row));
}

/**
 * Shows fields of one node without its links: a document made of the same plan, so that names, versions and
 * redaction are those of the node. Throws 403, 404.
 */
export async function showOne(
  deps: BaremetalDeps,
  context: RequestContext,
  ident: string,
  rule: string,
  fields: readonly string[],
): Promise<Reply> {
  const plan = nodePlan({ version: context.version, fields });
  const row = await readNode(deps, ident, context.version, plan.select);
  if (row === undefined) throw errors.NodeNotFound(ident);
  const target = { owner: row[plan.at('owner')] ?? null, lessee: row[plan.at('lessee')] ?? null };
  authorise(accessOf(context), ident, target, [rule]);
  const { links: _links, ...shown } = JSON.parse(nodeWriter(context, deps.catalogue, plan)(row)) as Record<
    string,
    unknown
  >;
  return { body: shown };
}
