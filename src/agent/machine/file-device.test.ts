import { expect, test } from 'vitest';
import { FileDevice } from './file-device.ts';

test('what the system says of a disk is said with its name', async () => {
  // The kernel's own disk that takes no byte, and has nothing to sync.
  const disk = await FileDevice.open('/dev/sdz', '/dev/full', 'write', 4096);
  const fails = { code: 'DeviceUnusable', message: expect.stringMatching(/^\/dev\/sdz cannot be used: E[A-Z]+: /) };
  await expect(disk.write(Buffer.alloc(512), 0)).rejects.toMatchObject(fails);
  await expect(disk.sync()).rejects.toMatchObject(fails);
  await disk.close();
  const folder = await FileDevice.open('/dev/sdz', '/', 'read', 4096);
  await expect(folder.read(Buffer.alloc(512), 0)).rejects.toMatchObject(fails);
  await folder.close();
});
