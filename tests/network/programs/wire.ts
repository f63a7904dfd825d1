import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '#kernel/run';
import { systemClock } from '#kernel/clock';

// Namespaces that stand for machines and virtual machines, on bridges of Open vSwitch. Runs inside a network, mount
// and process namespace of its own, as its root.

export const sh = async (file: string, ...args: string[]): Promise<string> =>
  (await run(file, args, { timeoutMs: 20_000 })).stdout;

const ANY = Array.from({ length: 256 }, (_, i) => i);

/** True when the program ends well. */
export const works = async (file: string, ...args: string[]): Promise<boolean> =>
  (await run(file, args, { timeoutMs: 20_000, okCodes: ANY })).code === 0;

/** Prepares the namespace this process is in. */
export async function prepareNamespace(): Promise<void> {
  await sh('ip', 'link', 'set', 'lo', 'up');
  await sh('mount', '-t', 'tmpfs', 'tmpfs', '/run');
  await mkdir('/run/netns');
}

export interface Guest {
  name: string;
  in(...command: string[]): Promise<string>;
  /** True when the command, run in the guest, ends well. */
  can(...command: string[]): Promise<boolean>;
  /** Asks for an address as any system does, and takes it; the address, or null. */
  dhcp(): Promise<string | null>;
  ping(address: string, more?: readonly string[]): Promise<boolean>;
  /** What a web server says, or null. (The wget of Debian's static busybox crashes.) */
  get(url: string): Promise<string | null>;
  /** Serves its name, and at /cgi-bin/who the address it sees. */
  serve(port: number): Promise<void>;
}

/** A namespace with one interface, `e0`, whose other end is on a bridge. */
export async function makeGuest(
  dir: string,
  db: string,
  name: string,
  mac: string,
  bridge: string,
  more: readonly string[],
): Promise<Guest> {
  await sh('ip', 'netns', 'add', name);
  await sh('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'e0', 'netns', name);
  const inside = ['ip', 'netns', 'exec', name] as const;
  const can = (...command: string[]) => works('ip', 'netns', 'exec', name, ...command);
  // Without this, frames come without TCP checksums, and OVN's connection tracking drops them without a word.
  await sh('ethtool', '-K', name, 'tx', 'off');
  await sh(...inside, 'ethtool', '-K', 'e0', 'tx', 'off');
  await sh(...inside, 'ip', 'link', 'set', 'e0', 'address', mac);
  await sh(...inside, 'ip', 'link', 'set', 'lo', 'up');
  await sh(...inside, 'ip', 'link', 'set', 'e0', 'up');
  await sh('ip', 'link', 'set', name, 'up');
  await sh('ovs-vsctl', `--db=${db}`, 'add-port', bridge, name, ...more);
  const script = join(dir, 'lease.sh');
  return {
    name,
    in: (...command) => sh(...inside, ...command),
    can,
    async dhcp() {
      const file = join(dir, `${name}.lease`);
      await writeFile(file, '');
      await writeFile(script, LEASE, { mode: 0o755 });
      const ask = [
        'busybox',
        'udhcpc',
        '-i',
        'e0',
        '-n',
        '-q',
        '-O',
        'staticroutes',
        '-t',
        '10',
        '-T',
        '1',
        '-s',
        script,
      ];
      if (!(await works('ip', 'netns', 'exec', name, 'env', `LEASE=${file}`, ...ask))) return null;
      return (await sh('cat', file)).trim() || null;
    },
    ping: (address, args = []) => can('busybox', 'ping', '-c', '2', '-W', '2', ...args, address),
    async get(url) {
      const { hostname, port, pathname } = new URL(url);
      const ask = `printf 'GET ${pathname} HTTP/1.0\\r\\n\\r\\n' | busybox nc -w 3 ${hostname} ${port || 80}`;
      const command = ['netns', 'exec', name, 'sh', '-c', ask];
      const { stdout } = await run('ip', command, { timeoutMs: 20_000, okCodes: ANY });
      return stdout.startsWith('HTTP') ? (stdout.split(/\r?\n\r?\n/)[1] ?? '').trim() : null;
    },
    async serve(port) {
      const root = join(dir, `www-${name}`);
      await mkdir(join(root, 'cgi-bin'), { recursive: true });
      await writeFile(join(root, 'index.html'), `${name}\n`);
      await writeFile(
        join(root, 'cgi-bin', 'who'),
        '#!/bin/sh\nprintf "Content-type: text/plain\\r\\n\\r\\n"; echo "${REMOTE_ADDR##*:}" | tr -d "]"\n',
        { mode: 0o755 },
      );
      await sh(...inside, 'busybox', 'httpd', '-p', String(port), '-h', root);
    },
  };
}

const LEASE = `#!/bin/sh
[ "$1" = bound ] || exit 0
ip addr flush dev $interface scope global
ip addr add $ip/$mask dev $interface
[ -n "$router" ] && ip route add default via $router
set -- $staticroutes
while [ -n "$2" ]; do [ $2 = 0.0.0.0 ] && ip route add $1 dev $interface; shift 2; done
echo $ip > $LEASE
`;

/** Waits until `met` holds; false after the time. */
export async function soon(met: () => Promise<boolean>, ms = 20_000): Promise<boolean> {
  const end = systemClock.monotonic() + ms;
  while (!(await met())) {
    if (systemClock.monotonic() > end) return false;
    await systemClock.sleep(50);
  }
  return true;
}
