import type { Row } from '#sdk/pages';
import { callBy, type CommandContext, UsageError } from '../context.ts';
import { each } from '../each.ts';
import { named } from '../typed.ts';
import { type Arg, type Call, type CommandSpec, flag } from '../spec.ts';

interface Calls {
  list: Call;
  add: Call;
  remove: Call;
  clear: Call;
  param: string;
}

/** `trait list`, `trait add` and `trait remove` of a noun; nodes have the older `add trait` as well. */
export function traits(noun: string, owner: Arg, calls: Calls): CommandSpec[] {
  const params = (context: CommandContext) => ({ [calls.param]: named(context, 0) });
  const trait: Arg = { name: 'traits', about: 'Names of traits', many: true };

  const list = async (context: CommandContext) => {
    const reply = (await callBy(context, calls.list, { params: params(context) })) as Row;
    await context.out.rows(
      ['traits'],
      (reply['traits'] as string[]).map((name) => ({ traits: name })),
    );
  };
  const add = (context: CommandContext) =>
    each(context, context.typed.many, async (name) => {
      await callBy(context, calls.add, { params: { ...params(context), trait: name } });
      context.out.say(`Added trait ${name}`);
    });
  const remove = async (context: CommandContext) => {
    const all = context.typed.options['all'] === true;
    if (all === context.typed.many.length > 0) throw new UsageError('Name the traits to remove, or say --all.');
    if (all) {
      await callBy(context, calls.clear, { params: params(context) });
      return;
    }
    await each(context, context.typed.many, async (name) => {
      await callBy(context, calls.remove, { params: { ...params(context), trait: name } });
      context.out.say(`Removed trait ${name}`);
    });
  };

  const added = { about: `Add traits to a ${noun}`, args: [owner, trait], action: { do: 'own', run: add } } as const;
  const removed = {
    about: `Remove traits from a ${noun}`,
    args: [owner, { ...trait, optional: true }],
    options: [flag('--all', '', 'All of them')],
    action: { do: 'own', run: remove },
  } as const;
  const older =
    noun === 'node'
      ? [
          { ...added, name: 'node add trait' },
          { ...removed, name: 'node remove trait' },
        ]
      : [];
  return [
    {
      name: `${noun} trait list`,
      about: `List the traits of a ${noun}`,
      args: [owner],
      action: { do: 'own', run: list },
      shape: 'rows',
    },
    { ...added, name: `${noun} trait add` },
    { ...removed, name: `${noun} trait remove` },
    ...older,
  ];
}
