import type { Command } from 'commander';

/** What may follow the words of a command, for a shell that completes. */
export interface Place {
  /** `baremetal node`, '' for the beginning. */
  words: string;
  /** Next words, with what each does. */
  next: readonly { word: string; about: string }[];
  options: readonly { word: string; about: string; values: readonly string[] }[];
}

/** Every place of a tree of commands, the outermost first. */
export function places(root: Command, words = ''): Place[] {
  const shown = root.commands.filter((command) => command.name() !== 'help');
  const here: Place = {
    words,
    next: shown.map((command) => ({ word: command.name(), about: command.summary() })),
    options: [...root.options, root.createOption('-h, --help', 'show the help')]
      .filter(({ hidden, long }) => !hidden && long !== undefined)
      .flatMap(({ long, short, description, argChoices }) =>
        [long, short]
          .filter((word) => word !== undefined && word !== null)
          .map((word) => ({ word: word as string, about: description, values: argChoices ?? [] })),
      ),
  };
  const inner = shown.flatMap((command) =>
    places(command, words === '' ? command.name() : `${words} ${command.name()}`),
  );
  return [here, ...inner];
}
