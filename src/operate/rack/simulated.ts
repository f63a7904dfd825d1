import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '#kernel/errors';
import { systemRandom } from '#kernel/random';
import { agentGuests } from '#lab/machine/simulated/agent/plug';
import { startLab } from '#lab/up';
import type { Config } from '#platform/settings';
import type { Shutdown } from '#platform/shutdown';
import type { App } from '../../app.ts';
import { connectTo } from '../../cli/tour/connect.ts';
import { deployNode } from '../../cli/tour/deploy.ts';
import { tour } from '../../cli/tour/tour.ts';
import { imageFolder } from './files.ts';
import { BMC_LOGIN, BMC_NET, rackMachines } from './layout.ts';

// A rack of which nothing is real but the wire: BMCs that speak Redfish and IPMI on loopback addresses, and deploy
// agents that call the API, obey and report. No system ever boots, no byte is written to a disk.

/** Ports that need no privilege; the addresses are the emulated rack's. */
const REDFISH_PORT = 7443;
const IPMI_PORT = 7623;
/** As long as a person can follow. */
const LATENCIES = { postMs: 1_500, attemptMs: 50, softOffMs: 500 };
const AGENT = { ramdiskMs: 2_000, writeMs: 5_000, eraseMs: 1_000, commandMs: 300, progressMs: 1_000, jitter: 0.3 };
const IMAGE_BYTES = 16 * 1024 ** 2;

/** Settings that follow from a rack on loopback; what somebody set stays. */
export function onLoopback(config: Config): void {
  config.agent.networks.push('127.0.0.0/8');
  config.image.file_folders.push(imageFolder(config));
}

/** Starts the rack beside the running program, and takes it through its life. Never throws for a machine. */
export async function runSimulatedRack(config: Config, app: App, shutdown: Shutdown): Promise<void> {
  const { url, ramdiskUrl, login } = app;
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  if (url === null) return;
  const lab = await startLab({
    kind: 'simulated',
    machines: rackMachines(config).map((wish) => ({ ...wish, model: 'Simulated Server', vnc: false })),
    credentials: BMC_LOGIN,
    place: (i) => ({ address: `${BMC_NET}.${i + 1}`, redfishPort: REDFISH_PORT, ipmiPort: IPMI_PORT }),
    control: null,
    latencies: LATENCIES,
    guests: agentGuests({ apiUrl: () => ramdiskUrl ?? url, latencies: AGENT }),
  });
  shutdown.add({ name: 'simulated rack', order: 15, timeoutMs: 5_000, stop: () => lab.close() });
  const places = [`${BMC_NET}.1-${config.lab.machines}:${REDFISH_PORT}`];
  say(
    `A simulated rack runs: ${config.lab.machines} BMCs at ${places[0]}, nothing behind them but their deploy agents.`,
  );
  if (!config.lab.tour || login.cloudsFile === null) return;
  const client = await connectTo(login.cloudsFile);
  await tour({
    client,
    places,
    user: BMC_LOGIN.name,
    password: BMC_LOGIN.password,
    // Their certificates are made anew at each start.
    certificates: 'any',
    say,
    signal: shutdown.signal,
    async deploy(uuid, name) {
      const image = await standInImage(config);
      await deployNode(client, uuid, name, { image, hostname: 'first' });
      say(`\n${name} is deployed, as far as its simulated agent says: there is no system to log in to.`);
      say(`  bin/ingot.mjs node timeline ${name}\n`);
    },
  }).catch((error: unknown) => {
    if (!shutdown.stopping) say(`The simulated rack: ${messageOf(error)}`);
  });
}

/** Something to prepare, check and offer, as an image would be: a boot sector, and noise. */
async function standInImage(config: Config): Promise<{ url: string; checksum: string }> {
  const folder = imageFolder(config);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const bytes = Buffer.alloc(IMAGE_BYTES);
  systemRandom.bytes(1024 ** 2).copy(bytes, 1024 ** 2);
  bytes.writeUInt16LE(0xaa55, 510);
  const file = join(folder, 'simulated.raw');
  await writeFile(file, bytes, { mode: 0o600 });
  return { url: `file://${file}`, checksum: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}
