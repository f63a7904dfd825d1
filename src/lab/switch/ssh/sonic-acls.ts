import type { LabConfig } from '../state.ts';
import { Refused } from './dialect.ts';

// SONiC's `ACL_TABLE` and `ACL_RULE`: rows of its database. A row is taken whatever it says; what `config` makes is looked
// at before.

const TABLE = 'ACL_TABLE|';
const RULE = 'ACL_RULE|';

/** `config acl add table NAME TYPE -p PORTS -s STAGE`, `config acl remove table NAME`. */
export function changeTable(config: LabConfig, words: readonly string[]): void {
  const [verb, what, name = '', ...rest] = words;
  if (what !== 'table' || !/^[A-Za-z0-9][-A-Za-z0-9_]{0,254}$/.test(name))
    throw new Refused('Usage: config acl [OPTIONS] COMMAND\n');
  if (verb === 'remove') {
    config.rows.delete(`${TABLE}${name}`);
    return;
  }
  const option = (flag: string) => {
    const at = rest.indexOf(flag);
    return at < 0 ? undefined : rest.splice(at, 2)[1];
  };
  const [ports = '', stage = 'ingress'] = [option('-p'), option('-s')];
  const [type, ...more] = rest;
  if (verb !== 'add' || more.length > 0 || !['ingress', 'egress'].includes(stage))
    throw new Refused('Usage: config acl add table\n');
  if (type !== 'L3' && type !== 'L3V6') throw new Refused(`Error: Invalid value for "<table_type>": ${type}\n`);
  for (const port of ports.split(',')) {
    const known = port.startsWith('PortChannel') ? config.channels.has(Number(port.slice(11))) : config.ports.has(port);
    if (!known) throw new Refused(`Error: Cannot bind ACL to specified port ${port}\n`);
  }
  config.rows.set(`${TABLE}${name}`, { policy_desc: name, type, stage, ports });
}

/** `hset`; how many fields are new. */
export function setRow(config: LabConfig, key: string, words: readonly string[]): string {
  if (words.length % 2 !== 0) throw new Refused("Error: wrong number of arguments for 'hset' command\n");
  const row = { ...config.rows.get(key) };
  let fresh = 0;
  for (let i = 0; i < words.length; i += 2) {
    if (!((words[i] as string) in row)) fresh++;
    row[words[i] as string] = words[i + 1] as string;
  }
  config.rows.set(key, row);
  return `${fresh}\n`;
}

/** `acl-loader delete`: rules of a table, whether or not it is there. */
export function deleteRules(config: LabConfig, table: string): string {
  for (const key of [...config.rows.keys()]) if (key.startsWith(`${RULE}${table}|`)) config.rows.delete(key);
  return '';
}

/** Tables a port is bound to. */
export const tablesOf = (config: LabConfig, port: string): string[] =>
  [...config.rows].flatMap(([key, row]) =>
    key.startsWith(TABLE) && row['ports']?.split(',').includes(port) === true ? [key.slice(TABLE.length)] : [],
  );

/** As the configuration shows them. */
export function aclTables(config: LabConfig): Record<string, Record<string, object>> {
  const found = { ACL_TABLE: {} as Record<string, object>, ACL_RULE: {} as Record<string, object> };
  for (const [key, row] of config.rows) {
    if (key.startsWith(TABLE)) found.ACL_TABLE[key.slice(TABLE.length)] = { ...row, ports: row['ports']?.split(',') };
    else if (key.startsWith(RULE)) found.ACL_RULE[key.slice(RULE.length)] = row;
  }
  return found;
}

/** The first rule of a table of the port goes. */
export function loosenRules(config: LabConfig, port: string): void {
  const [table = ''] = tablesOf(config, port);
  const key = [...config.rows.keys()].find((one) => one.startsWith(`${RULE}${table}|`));
  if (key !== undefined) config.rows.delete(key);
}
