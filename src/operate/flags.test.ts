import { Command } from 'commander';
import { expect, test } from 'vitest';
import { settingName, settingRows } from '#platform/settings';
import { addConfigFlags, configInput, FLAG_SETTINGS } from './flags.ts';

test('the flags are those of the settings, which cost too much to load for --help', () => {
  const table = settingRows().filter((row) => row.schema.flag !== undefined);
  expect(new Map(table.map((row) => [row.schema.flag, settingName(row)]))).toEqual(new Map(FLAG_SETTINGS));
});

test('parsed flags name their settings', () => {
  const command = addConfigFlags(new Command('up')).action(() => {});
  const words = ['--data-dir', '/d', '--listen', '[::1]:1', '--role', 'api', '--allow-none-anywhere', '--config', '/f'];
  command.parse(words, { from: 'user' });
  expect(configInput(command.opts())).toEqual({
    file: '/f',
    flags: { data_dir: '/d', 'api.listen': '[::1]:1', roles: 'api', 'auth.allow_none_anywhere': 'true' },
  });
});
