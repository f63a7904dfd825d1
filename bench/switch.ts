/**
 * Flips of ports on emulated switches, from the wish to what the switch reads back: `node bench/switch.ts`.
 * The Open vSwitch is a real one that forwards frames, in a namespace of its own; the others hold a configuration.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#kernel/clock';
import { run } from '#kernel/run';
import { silentLog } from '#platform/log';
import { openEmbedded } from '#store/embedded/server';
import { openStore } from '#store/open';

const dir = await mkdtemp(join(tmpdir(), 'ib-'));
// PostgreSQL refuses to run as the root of a namespace: it stays out here.
const server = await openEmbedded({ dataDir: dir, clock: systemClock, log: silentLog });
try {
  const store = await openStore({ databaseUrl: server.url });
  await store.close();
  const inside = fileURLToPath(new URL('./switch-inside.ts', import.meta.url));
  const namespace = ['--pdeathsig', 'KILL', 'unshare', '-Urnmpf', '--mount-proc', '--kill-child'];
  const { stdout, stderr, code } = await run(
    'setpriv',
    [...namespace, process.execPath, inside, server.url, join(dir, 'w')],
    {
      timeoutMs: 300_000,
      okCodes: [0, 1],
    },
  );
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = code;
} finally {
  await server.close();
  await rm(dir, { recursive: true, force: true });
}
