import { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { completionScript, SHELLS } from './scripts.ts';
import { places } from './words.ts';

function tree(): Command {
  const list = new Command('list').summary("list nodes, say 'all'");
  list.addOption(new Option('-f, --format <format>', 'how').choices(['table', 'json']));
  return new Command('ingot').addCommand(new Command('node').summary('machines').addCommand(list));
}

describe('completion', () => {
  it('knows each place, its words and its options', () => {
    const found = places(tree());
    expect(found.map(({ words }) => words)).toEqual(['', 'node', 'node list']);
    expect(found[2]?.options.map(({ word }) => word)).toEqual(['--format', '-f', '--help', '-h']);
    expect(found[2]?.options[0]?.values).toEqual(['table', 'json']);
  });

  it('writes a script for each shell that holds every word', () => {
    for (const shell of SHELLS) {
      const script = completionScript(shell, places(tree()));
      for (const word of ['node', 'list', 'format', 'json']) expect(script, shell).toContain(word);
    }
  });

  it('quotes what is said about a command', () => {
    expect(completionScript('zsh', places(tree()))).toContain(`'list:list nodes, say '\\''all'\\'''`);
    expect(completionScript('fish', places(tree()))).toContain(`-d 'list nodes, say \\'all\\''`);
  });
});
