import { Command } from 'commander';
import { addCloudOptions } from '../cloud-options.ts';
import { usageExits } from '../exit.ts';
import { BAREMETAL_COMMANDS, NOUNS } from './commands.ts';
import { leaf } from './leaf.ts';

/** `ingot baremetal`: the tree of nouns and verbs, made of the table of commands. */
export function command(): Command {
  const root = usageExits(addCloudOptions(new Command('baremetal'))).description(
    'Machines of a Bare Metal service: the commands of `openstack baremetal`.',
  );
  const groups = new Map<string, Command>([['', root]]);
  for (const spec of BAREMETAL_COMMANDS) {
    const words = spec.name.split(' ');
    let place = '';
    for (const word of words.slice(0, -1)) place = ensureGroup(groups, place, word);
    const verb = leaf(spec, words.at(-1) as string);
    const at = place === '' ? spec.name : `${place} ${words.at(-1)}`;
    const parent = groups.get(place) as Command;
    // `node boot` may be a group and a command once: the command then goes into the group's own place.
    if (!groups.has(at)) parent.addCommand(verb);
  }
  return root;
}

function ensureGroup(groups: Map<string, Command>, place: string, word: string): string {
  const path = place === '' ? word : `${place} ${word}`;
  if (!groups.has(path)) {
    const group = usageExits(new Command(word)).summary(place === '' ? (NOUNS[word] ?? '') : `${path} …`);
    group.configureHelp({ showGlobalOptions: false });
    groups.get(place)?.addCommand(group);
    groups.set(path, group);
  }
  return path;
}
