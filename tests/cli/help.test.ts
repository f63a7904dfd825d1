import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { command } from '#cli/baremetal/command';
import { completionScript } from '#cli/completion/scripts';
import { places } from '#cli/completion/words';
import { ingot, root } from '../house/ingot.ts';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** The help of a command and of all below it, at the width of 100 columns. */
function helpOf(at: Command, words: string): string[] {
  at.configureOutput({ getOutHelpWidth: () => 100 });
  const inner = at.commands.flatMap((one) => helpOf(one, `${words} ${one.name()}`));
  return [`$ ${words} --help\n${at.helpInformation()}`, ...inner];
}

it('keeps the help of every command as it is written down', async () => {
  await expect(helpOf(command(), 'ingot baremetal').join('\n')).toMatchFileSnapshot('golden/baremetal-help.txt');
});

it('shows the help of the whole program and of a command in no time', async () => {
  const help = await ingot('--help');
  expect(help).toMatchObject({ code: 0, stderr: '' });
  for (const name of ['up', 'baremetal', 'bmc', 'discover', 'token', 'openrc', 'clouds-yaml', 'policy', 'completion']) {
    expect(help.stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  }
  const node = await ingot('baremetal', 'node', 'list', '--help');
  expect(node.stdout).toContain('--provision-state <state>');
});

it('completes in bash by the words of the tree', () => {
  const script = completionScript('bash', places(command(), 'baremetal'));
  const ask = (...words: string[]) =>
    spawnSync(
      'bash',
      ['-c', `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ingot; echo "\${COMPREPLY[@]}"`, 'bash', ...words],
      { encoding: 'utf8', cwd: join(root, 'bin'), timeout: 20_000 },
    ).stdout.trim();
  expect(ask('ingot', 'baremetal', 'node', 'pow')).toBe('power');
  expect(ask('ingot', 'baremetal', 'node', 'power', 'o')).toBe('on off');
  expect(ask('ingot', 'baremetal', 'node', 'list', '--prov')).toBe('--provision-state');
  expect(ask('ingot', 'baremetal', 'node', 'list', '-f', 'j')).toBe('json');
});
