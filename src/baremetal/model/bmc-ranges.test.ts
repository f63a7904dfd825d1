import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MOST_PLACES, placeName, placeOf, readPlaces } from './bmc-ranges.ts';

const names = (...texts: string[]) => readPlaces(texts).map(placeName);

test('single places', () => {
  expect(
    names('192.0.2.7', ' bmc7.example.org ', 'https://192.0.2.7:8443/', '[2001:db8::7]:8443', '2001:db8::8'),
  ).toEqual(['192.0.2.7', 'bmc7.example.org', 'https://192.0.2.7:8443', '[2001:db8::7]:8443', '[2001:db8::8]']);
});

test('ranges of addresses and ports, each place once', () => {
  expect(names('192.0.2.0/30')).toEqual(['192.0.2.1', '192.0.2.2']);
  expect(names('192.0.2.6/31')).toEqual(['192.0.2.6', '192.0.2.7']);
  expect(names('192.0.2.254-192.0.3.1')).toEqual(['192.0.2.254', '192.0.2.255', '192.0.3.0', '192.0.3.1']);
  expect(names('192.0.2.9-11', '192.0.2.10')).toEqual(['192.0.2.9', '192.0.2.10', '192.0.2.11']);
  expect(names('127.0.0.1:8443-8445')).toEqual(['127.0.0.1:8443', '127.0.0.1:8444', '127.0.0.1:8445']);
  expect(readPlaces(['10.0.0.0/16'])).toHaveLength(MOST_PLACES - 2);
});

test.each([
  '',
  '192.0.2.0/8',
  '192.0.2.300',
  '192.0.2.9-3',
  '192.0.2.1:0',
  '192.0.2.1:9-3',
  '192.0.2.1:99999',
  'a b',
  'http://a/b',
  '--help',
  '10.0.0.0-10.9.0.0',
])('%j is refused with a sentence', (text) => {
  expect(() => readPlaces([text])).toThrow(/\.$/);
});

test('names lead back to their places, and nothing breaks the reader', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.option(fc.integer({ min: 1, max: 65_535 })), (host, port) => {
      expect(placeOf(placeName({ host, port, scheme: null }))).toEqual({ host, port, scheme: null });
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        expect(readPlaces([text]).length).toBeGreaterThan(0);
      } catch (error) {
        expect((error as { status?: number }).status).toBe(400);
      }
    }),
  );
});
