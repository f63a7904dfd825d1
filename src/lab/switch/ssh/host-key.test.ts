import ssh2 from 'ssh2';
import { expect, it } from 'vitest';
import { newHostKey } from './host-key.ts';

it('makes keys that can be read, each time', () => {
  // Without a look at each, some twenty of these could not.
  const unread = Array.from({ length: 4000 }, newHostKey).filter((key) => ssh2.utils.parseKey(key) instanceof Error);
  expect(unread).toEqual([]);
});
