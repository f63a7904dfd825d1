import { errors } from '../errors.ts';
import type { Access } from '../model/access.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import { checkRaidConfig } from '../model/raid-config.ts';
import { editRow } from './edit-row.ts';

/** Sets what RAID a node shall have; a clean step makes it so. Throws 404 when its hardware type has none. */
export async function setTargetRaid(
  deps: BaremetalDeps,
  access: Access,
  ident: string,
  version: number,
  config: Readonly<Record<string, unknown>>,
): Promise<void> {
  const rules = ['baremetal:node:set_raid_state'];
  await editRow(deps, access, { ident, version, rules, columns: ['driver', 'raid_interface'] }, (node) => {
    if (node.raid_interface === 'no-raid') {
      throw errors.RaidNotSupported(node.driver ?? '');
    }
    checkRaidConfig(config);
    return { columns: { target_raid_config: JSON.stringify(config) } };
  });
}
