import { messageOf } from '#kernel/errors';
import type { Row } from '#sdk/pages';
import { callBy, type CommandContext, PartlyFailed, UsageError } from '../context.ts';
import { sentenceOf } from '../sentence.ts';
import { readText } from '../values.ts';

type Kind = { call: 'chassisCreate' | 'nodeCreate' | 'portgroupCreate' | 'portCreate'; noun: string };

const KINDS = {
  chassis: { call: 'chassisCreate', noun: 'chassis' },
  nodes: { call: 'nodeCreate', noun: 'node' },
  portgroups: { call: 'portgroupCreate', noun: 'port group' },
  ports: { call: 'portCreate', noun: 'port' },
} as const satisfies Record<string, Kind>;

/**
 * `create`: files with `chassis` (each with its `nodes`) and `nodes` (each with its `ports`, and `portgroups` with
 * theirs). All files are read before anything is made; what cannot be made takes what is inside it along.
 */
export async function createMany(context: CommandContext): Promise<void> {
  const documents = await Promise.all(context.typed.many.map((file) => readDocument(file)));
  const failed: string[] = [];
  const make = async (kind: keyof typeof KINDS, row: Row, inside: readonly (keyof typeof KINDS)[], more: Row) => {
    const { call, noun } = KINDS[kind];
    const body = Object.fromEntries(
      Object.entries(row).filter(([name]) => !inside.includes(name as keyof typeof KINDS)),
    );
    try {
      const made = (await callBy(context, call, { body: { ...body, ...more } })) as Row;
      context.out.say(`Created ${noun} ${String(made['uuid'])}`);
      return String(made['uuid']);
    } catch (error) {
      failed.push(`${noun} ${String(row['name'] ?? row['address'] ?? '')}: ${sentenceOf(error)}`);
      return undefined;
    }
  };
  const ports = async (rows: unknown, more: Row) => {
    for (const port of list(rows)) await make('ports', port, [], more);
  };
  const nodes = async (rows: unknown, more: Row) => {
    for (const node of list(rows)) {
      const uuid = await make('nodes', node, ['ports', 'portgroups'], more);
      if (uuid === undefined) continue;
      for (const group of list(node['portgroups'])) {
        const groupUuid = await make('portgroups', group, ['ports'], { node_uuid: uuid });
        if (groupUuid !== undefined) await ports(group['ports'], { node_uuid: uuid, portgroup_uuid: groupUuid });
      }
      await ports(node['ports'], { node_uuid: uuid });
    }
  };
  for (const document of documents) {
    for (const chassis of list(document['chassis'])) {
      const uuid = await make('chassis', chassis, ['nodes'], {});
      if (uuid !== undefined) await nodes(chassis['nodes'], { chassis_uuid: uuid });
    }
    await nodes(document['nodes'], {});
  }
  if (failed.length > 0) throw new PartlyFailed(failed.join('\n'));
}

async function readDocument(file: string): Promise<Row> {
  const { parse } = await import('yaml');
  let document: unknown;
  try {
    // JSON is YAML.
    document = parse(readText(file), { maxAliasCount: 100 });
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${messageOf(error).split('\n', 1)[0]}`);
  }
  const known = ['chassis', 'nodes'];
  if (
    typeof document !== 'object' ||
    document === null ||
    Object.keys(document).some((name) => !known.includes(name))
  ) {
    throw new UsageError(`${file} must hold "chassis" and "nodes" and nothing else.`);
  }
  return document as Row;
}

function list(rows: unknown): Row[] {
  if (rows === undefined || rows === null) return [];
  if (!Array.isArray(rows)) throw new UsageError('Chassis, nodes, port groups and ports are lists.');
  return rows as Row[];
}
