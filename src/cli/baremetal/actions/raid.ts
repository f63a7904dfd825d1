import { callBy, type CommandContext, UsageError } from '../context.ts';
import { each } from '../each.ts';
import { targets } from '../typed.ts';
import { changesOf } from '../patch.ts';
import { optionName, optionValue } from '../values.ts';

/** `node set` and `node unset`: fields by patch, the wanted RAID by a call of its own, which comes first (the patch may rename). */
export function setRaid(how: 'set' | 'unset') {
  return async (context: CommandContext): Promise<void> => {
    const { spec, typed } = context;
    const nodes = targets(context);
    if (how === 'set' && nodes.length > 1) {
      for (const name of ['name', 'instanceUuid']) {
        if (typed.options[name] === undefined) continue;
        throw new UsageError(`${name === 'name' ? '--name' : '--instance-uuid'} is for one node only.`);
      }
    }
    const raid = (spec.options ?? []).find((option) => optionName(option) === 'targetRaidConfig');
    const wanted = raid === undefined ? undefined : optionValue(raid, typed.options);
    const changes = changesOf(context, how);
    if (how === 'set') {
      for (const option of spec.options ?? []) {
        const [, name] = /^--reset-(\w+)-interface$/.exec(option.flags) ?? [];
        if (name !== undefined && optionValue(option, typed.options) === true) {
          changes.push({ op: 'remove', path: `/${name}_interface` });
        }
      }
    }
    if (changes.length === 0 && wanted === undefined) {
      throw new UsageError(`Say what to ${how}: ingot baremetal ${spec.name} --help`);
    }
    const reset = typed.options['resetInterfaces'] === true;
    if (reset && typed.options['driver'] === undefined) throw new UsageError('--reset-interfaces goes with --driver.');
    await each(context, nodes, async (node) => {
      const params = { node_ident: node };
      if (wanted !== undefined) {
        await callBy(context, 'nodeStatesRaid', { params, body: how === 'unset' ? {} : wanted });
      }
      if (changes.length === 0) return;
      const query = reset ? { reset_interfaces: true } : {};
      await callBy(context, 'nodeUpdate', { params, body: changes, query });
    });
  };
}
