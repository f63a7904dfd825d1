import { expect, test } from 'vitest';
import { compareVersions, flagsOf, QUIRKS, quirksFor } from './quirks.ts';

test('every row has its own id, a source and a pattern that compiles', () => {
  expect(new Set(QUIRKS.map((one) => one.id)).size).toBe(QUIRKS.length);
  for (const one of QUIRKS) {
    expect(one.source.length).toBeGreaterThan(10);
    expect(() => new RegExp(one.manufacturer, 'i')).not.toThrow();
  }
});

test('rows are chosen by manufacturer, model and firmware', () => {
  const dell = (model: string, firmware: string | null) =>
    quirksFor({ manufacturer: 'Dell Inc.', model, firmware }).map((one) => one.id);
  expect(dell('PowerEdge R750', '5.10.30.00')).toEqual(['dell-jobs', 'dell-boot-job', 'dell-media-boot']);
  expect(dell('PowerEdge R740', '4.40.10.00')).toContain('dell-media-attach');
  expect(dell('PowerEdge R770', '1.10.17.00')).toEqual(['dell-jobs', 'dell-idrac10-boot']);
  expect(dell('PowerEdge R770', null)).toEqual(['dell-jobs']);
  const arm = quirksFor({ manufacturer: 'Supermicro', model: 'ARS-111GL-NHR', firmware: null });
  expect(flagsOf(arm).mediaTarget).toBe('Cd');
  expect(quirksFor({ manufacturer: null, model: null, firmware: null })).toEqual([]);
});

test('versions compare by their numbers', () => {
  expect(compareVersions('6.00.00', '6.0')).toBe(0);
  expect(compareVersions('5.10', '5.9')).toBe(1);
  expect(compareVersions('iLO 5 v2.72', '5.3')).toBe(-1);
});
