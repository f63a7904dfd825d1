import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from '../../house/ingot.ts';
import { openRack, type Rack } from './rack.ts';
import { IMAGE, INSTANCE } from './stand-in-images.ts';

// What people type: `ingot deploy` and `ingot node`.

let rack: Rack;
beforeAll(async () => {
  rack = await openRack({ machines: 0 });
  for (const name of ['web1', 'web2']) {
    await rack.lab.add({ name });
    await rack.insert(name, { name, resource_class: 'small' });
  }
});
afterAll(() => rack.close());

const ingot = (...args: string[]) => launch({ args: [...args, '--os-endpoint', rack.url], deadlineMs: 110_000 }).ended;
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGx user@host';

test('says what it would do, does it, and shows where the time went', async () => {
  const asked = ['deploy', '--image', IMAGE, '--checksum', `sha256:${INSTANCE.image_checksum}`, '--key', KEY];
  const dry = await ingot(...asked, '--dry-run', 'web1');
  expect(dry.stderr).toBe('');
  expect(dry.code).toBe(0);
  expect(dry.stdout).toMatch(/web1 can be deployed:\n[^]*ok {2}image: raw[^]*80 {2}deploy\.write_image/);
  expect(rack.agents.acts).toEqual([]);

  const done = await ingot(...asked, '--name', 'shop', '--flavor', 'small');
  expect(done.stderr).toMatch(/Deploying/);
  expect(done.code).toBe(0);
  expect(done.stdout).toMatch(/web\d runs http:/);
  expect(done.stdout).toMatch(/Undo: +ingot baremetal node undeploy/);
  const [, name = ''] = /(web\d) runs/.exec(done.stdout) ?? [];
  const drive = rack.agents.acts.find((act) => act.what === 'standby.prepare_image')?.detail['configdrive'];
  expect(typeof drive).toBe('string');

  const line = await ingot('node', 'timeline', name);
  expect(line.stdout).toMatch(/deploy, done[^]*boot the ramdisk[^]*write the image/);
  const proof = await ingot('node', 'proof', name);
  expect(proof.stdout).toBe('There is no proof yet.\n');

  rack.agents.fault(name === 'web1' ? 'web2' : 'web1', 'standby.prepare_image', 'fail');
  const failed = await ingot(...asked, name === 'web1' ? 'web2' : 'web1');
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(/went wrong[^]*Undo: ingot baremetal node undeploy/);
});
