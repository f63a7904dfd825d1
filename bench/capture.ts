/**
 * How long an instance is off while its disk is captured: until its last block was taken, against until the whole was
 * hashed as well, in the same run. `node tools/run.mjs bench/capture.ts [GiB] [GiB of data]`, half a minute: our agent on a
 * simulated disk in this process, our image service on a real socket and disk. The rest of the time off, the boots of
 * ramdisk and system, is the machine's own.
 */
import { randomBytes } from 'node:crypto';
import { insertNode } from '../tests/baremetal/life/harness.ts';
import { GIB, HARDWARE, MIB, startAgent, startConductor } from '../tests/agent/harness.ts';
import { openImageCloud } from '../tests/image/cloud.ts';
import { systemClock } from '../src/kernel/clock.ts';
import { newUuid } from '../src/kernel/ids.ts';
import { goal, tellGoals } from './goals.ts';

const size = Number(process.argv[2] ?? 8) * GIB;
const data = Math.min(size, Number(process.argv[3] ?? 2) * GIB);
const LOOK_MS = 20;

const cloud = await openImageCloud();
const node = newUuid();
await insertNode(cloud.store, node);
const conductor = await startConductor({ config: { ingot: { version: 1 } }, node: { uuid: node } });
const agent = await startAgent(conductor.server.url, {
  hardware: { ...HARDWARE, disks: [{ name: 'vda', size, serial: 'DISK' }] },
});
try {
  const disk = agent.machine.disk('/dev/vda');
  // A fourth of the data packs well, as systems do.
  const line = Buffer.alloc(4 * MIB, 'what a log says, again and again\n');
  for (let at = 0, i = 0; at < data; at += 4 * MIB, i++) disk.write(i % 4 === 0 ? line : randomBytes(4 * MIB), at);
  const begun = await cloud.image.service.beginCapture({ nodeUuid: node, projectId: null, name: 'bench' });
  const from = performance.now();
  const seconds = () => (performance.now() - from) / 1000;
  const sent = await agent.command('ingot.capture', { upload_url: begun.uploadUrl, device: '/dev/vda' });
  if (sent.command_status !== 'SUCCEEDED') throw new Error(JSON.stringify(sent.command_error));
  const taken = seconds();
  await cloud.image.service.endCapture(begun.imageId, 'done');
  const free = seconds();
  for (;;) {
    const [row] = await cloud.store.query<{ status: string }>({
      text: 'select status from images where id = $1',
      values: [begun.imageId],
    });
    if (row?.status === 'active') break;
    if (row?.status !== 'saving') throw new Error(`the image is ${row?.status}`);
    await systemClock.sleep(LOOK_MS);
  }
  const whole = seconds();
  console.log(
    `${size / GIB} GiB, ${data / GIB} of them data: sent ${taken.toFixed(1)} s; the machine is free after ${free.toFixed(1)} s; ` +
      `the whole is hashed after ${whole.toFixed(1)} s: ${(whole / free).toFixed(2)} times as long`,
  );
  goal('from the last block to the instance', free - taken, 'at most', 0.5, 's');
} finally {
  await agent.close();
  await conductor.server.close();
  await cloud.close();
}
tellGoals();
