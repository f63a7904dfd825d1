import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { messageOf } from '#kernel/errors';
import { Secret } from '#kernel/secret';
import { startRackHere } from '#lab/here';
import type { LabSwitchFacts } from '#lab/inside';
import { type ConfigInput, loadConfig } from '#platform/config';
import type { Config } from '#platform/settings';
import { createShutdown } from '#platform/shutdown';
import { type App, startApp } from '../../app.ts';
import { openLog, watchFaults } from '../logging.ts';
import { labInside } from './again.ts';
import { imageFolder } from './files.ts';
import { BMC_LOGIN, bmcPlace, PROVISIONING, rackMachines } from './layout.ts';
import { plugUplink, rackCables, rackNetworks } from './networks.ts';

/** What the launcher outside tells the program inside: the first line on its standard input, for it holds secrets. */
export interface RackWish {
  input: ConfigInput;
  /** Of the PostgreSQL outside, by its unix socket. */
  databaseUrl: string;
  /** Descriptor of the API's socket, made outside. */
  apiFd: number;
  /** Descriptor of the socket of the rack's control API, made outside. */
  controlFd?: number;
  /** Folder of the machines' disks and sockets; short. */
  labDir: string;
}

/** Its first line on standard output. */
export type RackSaid = { ready: true; app: App; rack: RackFacts } | { ready: false; error: string };

/** The rack as those know it who cabled it. */
export interface RackFacts {
  machines: Record<string, unknown>[];
  switch: LabSwitchFacts;
  /** Whether something carries the networks of tenants. */
  carried: boolean;
}

/**
 * Ingot and its rack inside their namespace: started by `launch.ts` and ended by the end of standard input.
 * The rack first: its switch carries the provisioning network that the boot service listens on.
 */
export async function runInside(): Promise<void> {
  const wish = JSON.parse(await firstLine()) as RackWish;
  const { config } = loadConfig(wish.input);
  config.database.url = new Secret(wish.databaseUrl);
  onProvisioningNetwork(config);
  await rackNetworks(config);
  const log = openLog(config);
  const shutdown = createShutdown(log);
  watchFaults(log);
  shutdown.onSignals(['SIGTERM']);
  for (const name of ['SIGINT', 'SIGHUP'] as const) process.on(name, () => {}); // the launcher's to hear
  try {
    const wishes = rackMachines(config);
    const rack = await startRackHere({
      machines: wishes,
      dir: wish.labDir,
      credentials: BMC_LOGIN,
      places: wishes.map((_, i) => bmcPlace(i)),
      ...rackCables,
      vlan: PROVISIONING.vlan,
      inside: labInside(),
      ...(wish.controlFd === undefined ? {} : { controlFd: wish.controlFd }),
    });
    shutdown.add({ name: 'rack', order: 95, timeoutMs: 20_000, stop: () => rack.close() });
    const app = await startApp({ config, log, shutdown, listenFd: wish.apiFd });
    await plugUplink(config);
    const { machines } = rack;
    say({ ready: true, app, rack: { machines, switch: rack.switch, carried: config.network.ovn !== 'off' } });
  } catch (error) {
    say({ ready: false, error: messageOf(error) });
    await shutdown.run('the start failed');
    log.flush();
    process.exit(1);
  }
  process.stdin.on('close', () => process.kill(process.pid, 'SIGTERM'));
  process.stdin.resume();
}

/** On a busy host the ticks of an emulated timer come too late for the kernel's test of it, and it panics. */
const EMULATED = ['no_timer_check'];

/** Settings that follow from where the program runs; what somebody set stays. */
function onProvisioningNetwork(config: Config): void {
  config.api.ramdisk_listen ??= `${PROVISIONING.address}:6385`;
  config.boot.interface ??= PROVISIONING.ifname;
  config.image.file_folders.push(imageFolder(config));
  config.boot.kernel_parameters.push(...EMULATED);
  if (config.lab.warm) Object.assign(config.agent, { warm_pool: true, kexec: true });
}

async function firstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) return line;
  throw new Error('nobody said what to run');
}

function say(said: RackSaid): void {
  writeSync(1, `${JSON.stringify(said)}\n`);
}
