// Runs in a network namespace of its own: the boot service on one end of a cable, and DHCP and HTTP clients that play
// machines on the other. Answers what it is asked on standard input, one JSON line for each.
import { chmodSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { systemClock } from '../../../src/kernel/clock.ts';
import { run } from '../../../src/kernel/run.ts';
import { createBoot } from '../../../src/boot/index.ts';
import { createLog } from '../../../src/platform/log.ts';
import { openStore } from '../../../src/store/index.ts';
import { openSealer } from '../../../src/store/seal.ts';
import type { BootConfig } from '../../../src/boot/index.ts';
import type { BootRequest } from '../../../src/contracts/boot.ts';
import { askDhcp6, type Dhcp6Ask } from './dhcp6.ts';

export type Ask =
  | { do: 'publish'; request: BootRequest }
  | { do: 'withdraw'; node: string }
  | { do: 'sightings'; node: string }
  /** As a machine: `arch` is option 93, `ipxe` says that it is iPXE already. */
  | { do: 'dhcp'; mac: string; arch: number; ipxe?: boolean; http?: boolean }
  /** The same by DHCPv6. */
  | ({ do: 'dhcp6'; mac: string } & Omit<Dhcp6Ask, 'interface'>)
  | { do: 'get'; path: string; head?: boolean; range?: string; media?: boolean; six?: boolean }
  /** The file by TFTP, as GRUB and PXELINUX fetch it; null: it is not given out. */
  | { do: 'tftp'; path: string }
  | { do: 'kill-dnsmasq' };

const wish = JSON.parse(process.argv[2] ?? '{}') as {
  databaseUrl: string;
  dataDir: string;
  config: Partial<BootConfig>;
};
const ip = (...args: string[]) => run('ip', args, { timeoutMs: 5000 });
await ip('link', 'set', 'lo', 'up');
await ip('link', 'add', 'prov0', 'type', 'veth', 'peer', 'name', 'machine0');
await ip('address', 'add', '10.9.0.1/24', 'dev', 'prov0');
await ip('-6', 'address', 'add', 'fd00:9::1/64', 'dev', 'prov0', 'nodad');
// Both ends are in one namespace: none waits whether the other has its address, or listens to what is said to the other.
for (const end of ['prov0', 'machine0'])
  for (const word of ['accept_ra', 'accept_dad']) writeFileSync(`/proc/sys/net/ipv6/conf/${end}/${word}`, '0');
await ip('link', 'set', 'prov0', 'up');
await ip('link', 'set', 'machine0', 'up');

const script = `${wish.dataDir}/udhcpc`;
writeFileSync(
  script,
  '#!/bin/sh\n[ "$1" = bound ] && env | grep -E "^(ip|siaddr|boot_file|bootfile|serverid|vendor|opt[0-9]+|tftp)="\nexit 0\n',
);
chmodSync(script, 0o755);

const log = createLog({ level: 'warn' });
const store = await openStore({ databaseUrl: wish.databaseUrl, maxConnections: 4, clock: systemClock, log });
const sealer = await openSealer(store, wish.dataDir, systemClock);
const config: BootConfig = {
  interface: 'prov0',
  httpPort: 80,
  media: { listen: { host: '127.0.0.1', port: 8081 }, url: null },
  dhcp: 'on',
  range: null,
  range6: null,
  leaseS: 3600,
  routers: [],
  nameservers: ['10.9.0.1'],
  discovery: false,
  methods: ['virtual-media', 'uefi-http', 'ipxe', 'pxe'],
  ramdiskDir: `${wish.dataDir}/ramdisk`,
  ramdiskName: 'current',
  kernelParameters: ['console=ttyS0'],
  offerMs: 3_600_000,
  attemptMs: 900_000,
  allowedNetworks: ['127.0.0.0/8'],
  maxFileBytes: 64 * 1024 ** 2,
  fileFolders: [`${wish.dataDir}/files`],
  dataDir: `${wish.dataDir}/boot`,
  callbackUrl: 'http://10.9.0.1:6386',
  ...wish.config,
};
const boot = createBoot({ store, sealer, clock: systemClock, log, config });
await boot.start();

async function dhcp(ask: Extract<Ask, { do: 'dhcp' }>): Promise<Record<string, string>> {
  await ip('link', 'set', 'machine0', 'down');
  await ip('link', 'set', 'machine0', 'address', ask.mac);
  await ip('link', 'set', 'machine0', 'up');
  const arch = ask.arch.toString(16).padStart(4, '0');
  const kind = ask.http === true ? 'HTTPClient' : 'PXEClient';
  const args = ['udhcpc', '-i', 'machine0', '-n', '-q', '-f', '-t', '4', '-T', '1', '-s', script];
  const options = [
    '-V',
    `${kind}:Arch:${String(ask.arch).padStart(5, '0')}`,
    '-x',
    `0x5d:${arch}`,
    '-O',
    'bootfile',
    '-O',
    '60',
  ];
  const said = await run('busybox', [...args, ...options, ...(ask.ipxe === true ? ['-x', '0xaf:010101'] : [])], {
    timeoutMs: 20_000,
    okCodes: [0, 1],
  });
  return Object.fromEntries(
    said.stdout
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

async function get(ask: Extract<Ask, { do: 'get' }>) {
  const own = ask.six === true ? 'http://[fd00:9::1]' : 'http://10.9.0.1';
  const base = ask.media === true ? 'http://127.0.0.1:8081' : own;
  const response = await fetch(base + ask.path, {
    method: ask.head === true ? 'HEAD' : 'GET',
    ...(ask.range === undefined ? {} : { headers: { range: ask.range } }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const headers = Object.fromEntries(response.headers);
  return { status: response.status, headers, size: bytes.length, base64: bytes.toString('base64') };
}

async function answer(ask: Ask): Promise<unknown> {
  switch (ask.do) {
    case 'publish': {
      const ticket = await boot.service.publish(ask.request, AbortSignal.timeout(30_000));
      await systemClock.sleep(400); // the files follow the row, dnsmasq the files
      return ticket;
    }
    case 'withdraw':
      await boot.service.withdraw(ask.node);
      await systemClock.sleep(400);
      return null;
    case 'tftp':
      return await run('busybox', ['tftp', '-g', '-r', ask.path, '-l', '-', '10.9.0.1'], {
        timeoutMs: 30_000,
      }).then(
        ({ stdout }) => stdout,
        () => null,
      );
    case 'sightings':
      await systemClock.sleep(700);
      return boot.service.sightings(ask.node);
    case 'dhcp':
      return dhcp(ask);
    case 'dhcp6':
      // The link stays up: what comes while the kernel looks whether it is again would be lost.
      await ip('link', 'set', 'machine0', 'address', ask.mac);
      await ip('neighbour', 'flush', 'dev', 'prov0');
      return askDhcp6({ ...ask, interface: 'machine0' });
    case 'get':
      return get(ask);
    case 'kill-dnsmasq': {
      const { stdout } = await run('ps', ['-eo', 'pid=,args='], { timeoutMs: 5000 });
      const pid = Number(/^\s*(\d+)\s+dnsmasq/m.exec(stdout)?.[1]);
      process.kill(pid, 'SIGKILL');
      await systemClock.sleep(2500);
      return pid;
    }
  }
}

const say = (line: unknown) => void process.stdout.write(`${JSON.stringify(line)}\n`);
say({ ready: await boot.service.methods() });
for await (const line of createInterface({ input: process.stdin })) {
  await answer(JSON.parse(line) as Ask).then(
    (value) => say({ value }),
    (error: Error & { code?: string }) => say({ error: error.message, code: error.code }),
  );
}
await boot.stop();
await store.close();
process.exit(0);
