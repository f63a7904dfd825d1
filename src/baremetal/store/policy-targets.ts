import type { TargetReader } from '#contracts/policy';
import { isUuid } from '#kernel/ids';
import type { Reader } from '#store/contract';
import { textRows } from './text-rows.ts';

interface Kind {
  /** Its table as `t`, and the joins to where its facts are. */
  from: string;
  owner: string;
  lessee: string;
  public: string;
}

const KINDS: Readonly<Record<string, Kind>> = {
  node: { from: 'nodes t', owner: 't.owner', lessee: 't.lessee', public: 'null' },
  port: {
    from: 'ports t join nodes n on n.uuid = t.node_uuid',
    owner: 'n.owner',
    lessee: 'n.lessee',
    public: 'null',
  },
  portgroup: {
    from: 'portgroups t join nodes n on n.uuid = t.node_uuid',
    owner: 'n.owner',
    lessee: 'n.lessee',
    public: 'null',
  },
  allocation: { from: 'allocations t', owner: 't.owner', lessee: 'null', public: 'null' },
  runbook: { from: 'runbooks t', owner: 't.owner', lessee: 'null', public: 't.public' },
};

/** The facts of nodes and what belongs to them that policy looks at, for `ingot policy explain`. */
export function policyTargets(reader: Reader): Record<string, TargetReader> {
  return Object.fromEntries(
    Object.entries(KINDS).map(([name, kind]) => [
      name,
      {
        seenBy: `baremetal:${name === 'portgroup' ? 'port' : name}:get`,
        async read(id) {
          const column = isUuid(id) ? 'uuid' : 'name';
          const [row] = await textRows(reader, {
            name: `bm_target_${name}_${column}`,
            text: `select ${kind.owner}, ${kind.lessee}, ${kind.public}::text from ${kind.from} where t.${column} = $1`,
            values: [id],
          });
          if (row === undefined) return null;
          const [owner, lessee, isPublic] = row;
          return {
            owner: owner ?? null,
            lessee: lessee ?? null,
            ...(isPublic === null ? {} : { public: isPublic === 'true' }),
          };
        },
      } satisfies TargetReader,
    ]),
  );
}
