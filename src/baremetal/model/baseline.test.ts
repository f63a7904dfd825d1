import { describe, expect, test } from 'vitest';
import { differences, differenceText, settingsOf, versionsOf } from './baseline.ts';

describe('the recorded firmware of a machine', () => {
  test('read-only settings do not count, new and lost names of settings neither', () => {
    const recorded = settingsOf([
      { name: 'Sriov', value: 'On' },
      { name: 'Clock', value: '12:00', read_only: true },
      { name: 'Gone', value: 'x' },
    ]);
    const found = settingsOf([
      { name: 'Sriov', value: 'Off' },
      { name: 'Clock', value: '13:00', read_only: true },
      { name: 'New', value: 'y' },
    ]);
    expect(differences(recorded, found, 'common')).toEqual([{ name: 'Sriov', wanted: 'On', found: 'Off' }]);
    expect(differences(recorded, recorded, 'common')).toEqual([]);
    expect(differences(null, found, 'common')).toEqual([]);
  });

  test('components that are new, gone or of another version are told', () => {
    const recorded = versionsOf([
      { component: 'bmc', current_version: '1' },
      { component: 'nic', current_version: '7' },
    ]);
    const found = versionsOf([
      { component: 'bmc', current_version: '2' },
      { component: 'gpu', current_version: '3' },
    ]);
    const all = differences(recorded, found, 'all');
    expect(all.map((one) => one.name)).toEqual(['bmc', 'nic', 'gpu']);
    expect(differenceText(all)).toBe(
      'bmc is "2", recorded is "1"; nic is absent, recorded is "7"; gpu is "3", recorded is absent',
    );
  });
});
