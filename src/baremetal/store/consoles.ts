import type { ConsoleNode } from '#contracts/console';
import type { Reader } from '#store/contract';
import { prepared } from './prepared.ts';
import { bmcSql } from './waiting-actions.ts';

/** Nodes of the groups with one of these console interfaces. */
export async function consolesOf(
  reader: Reader,
  groups: readonly string[],
  interfaces: readonly string[],
): Promise<{ uuid: string; group: string; bmc: string }[]> {
  return await reader.query(
    prepared(
      `select uuid, conductor_group as group, ${bmcSql('nodes')} as bmc from nodes
      where conductor_group = any ($1::text[]) and console_interface = any ($2::text[])`,
      [groups, interfaces],
    ),
  );
}

/** Of these nodes, those whose console is switched on. */
export async function consolesSwitchedOn(reader: Reader, uuids: readonly string[]): Promise<string[]> {
  const rows = await reader.query<{ uuid: string }>(
    prepared('select uuid from nodes where uuid = any ($1::uuid[]) and console_enabled', [uuids]),
  );
  return rows.map(({ uuid }) => uuid);
}

/** What the console asks of one node, as far as it is in the database. */
export type ConsoleRow = Omit<ConsoleNode, 'serial' | 'screen'>;

/** Reads it by UUID or name. */
export async function consoleNode(
  reader: Reader,
  ident: { uuid: string } | { name: string },
): Promise<ConsoleRow | undefined> {
  const [column, value] = 'uuid' in ident ? ['uuid', ident.uuid] : ['name', ident.name];
  const rows = await reader.query<Omit<ConsoleRow, 'consoleEnabled'> & { console_enabled: boolean }>(
    prepared(
      `select uuid, name, owner, lessee, conductor_group as group, console_enabled, console_interface as interface,
        provision_state not in ('deploying', 'wait call-back', 'deploy hold', 'deploy failed') as settled
      from nodes where ${column} = $1`,
      [value],
    ),
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  const { console_enabled: consoleEnabled, ...rest } = row;
  return { ...rest, consoleEnabled };
}
