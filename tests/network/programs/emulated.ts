import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { start } from '#kernel/run';
import { QemuMachine } from '#lab/machine/qemu/machine';
import { type MachineWish, machineSpec } from '#lab/machine/spec';
import { tinyGuest } from '../../lab/guest.ts';
import { GuestShell } from '../../lab/guest-shell.ts';
import { sh, soon } from './wire.ts';

// Machines and virtual machines that QEMU emulates, as guests of networks: what they do is typed on their consoles.

/** A machine that boots in two seconds, and calls out on all its cards from then on. */
export async function talker(name: string, more: Partial<MachineWish> = {}): Promise<MachineWish> {
  const guest = await tinyGuest('disk');
  return {
    name,
    mode: 'bios',
    memoryMiB: 128,
    disks: [{ bus: 'nvme', sizeBytes: 1 << 20 }],
    directKernel: { ...guest, commandLine: `${guest.commandLine} talk` },
    ...more,
  };
}

const LEASE_SCRIPT = [
  '#!/bin/sh',
  '[ "$1" = bound ] || exit 0',
  'ifconfig $interface $ip netmask $subnet',
  '[ -n "$router" ] && [ $interface = eth0 ] && route add default gw $router',
  // Pairs of option 121; only what is on the link.
  'set -- $staticroutes',
  'while [ -n "$2" ]; do [ $2 = 0.0.0.0 ] && route add -host ${1%%/*} dev $interface; shift 2; done',
  'echo LEASE=$ip',
  '',
].join('\\n');

/** A system on a console, with what a guest of a network does. */
export class EmulatedGuest {
  readonly name: string;
  readonly shell: GuestShell;

  constructor(name: string, serialSocket: string) {
    this.name = name;
    this.shell = new GuestShell(serialSocket);
  }

  /** Waits for its system; then it serves its name, and at /cgi-bin/who the address it sees. */
  async up(): Promise<void> {
    await this.shell.ready(180_000);
    const who = `#!/bin/sh\\nprintf "Content-type: text/plain\\\\r\\\\n\\\\r\\\\n"; echo \${REMOTE_ADDR##*:} | tr -d "]"\\n`;
    await this.shell.do(
      `printf '${LEASE_SCRIPT}' > /lease; mkdir -p /www/cgi-bin; echo ${this.name} > /www/index.html; ` +
        `printf '${who}' > /www/cgi-bin/who; chmod +x /lease /www/cgi-bin/who; ip link set lo up; httpd -h /www`,
    );
  }

  /** Asks for an address as any system does, and takes it; the address, or null. */
  async dhcp(nic = 'eth0'): Promise<string | null> {
    const said = await this.shell.do(`udhcpc -i ${nic} -n -q -O staticroutes -t 10 -T 1 -s /lease`, 60_000);
    return /LEASE=([0-9.]+)/.exec(said)?.[1] ?? null;
  }

  /** What a web server says, or null. */
  async get(address: string, path = '/'): Promise<string | null> {
    const said = await this.shell.do(`printf 'GET ${path} HTTP/1.0\\r\\n\\r\\n' | nc -w 3 ${address} 80`);
    // The line that was typed comes back as well, and the console makes CR LF of each LF.
    return /HTTP\/1\.\d \d{3}[^]*?\n\r*\n\r*([^\r\n]*)/.exec(said)?.[1] ?? null;
  }
}

/** A virtual machine: its taps are interfaces of the integration bridge of this host, each with a port of the API. */
export async function startVirtualMachine(
  dir: string,
  db: string,
  name: string,
  ports: readonly { id: string; mac: string }[],
): Promise<{ machine: QemuMachine; guest: EmulatedGuest }> {
  const nics = [];
  for (const [i, { id, mac }] of ports.entries()) {
    const ifname = `${name}n${i}`;
    await sh('ip', 'tuntap', 'add', ifname, 'mode', 'tap');
    await sh('ip', 'link', 'set', ifname, 'up');
    const iface = ['--', 'set', 'interface', ifname, `external_ids:iface-id=${id}`];
    await sh('ovs-vsctl', `--db=${db}`, 'add-port', 'br-int', ifname, ...iface);
    nics.push({ mac, link: { kind: 'tap' as const, ifname } });
  }
  const machine = await QemuMachine.create(machineSpec(await talker(name, { nics })), { dir: join(dir, name) });
  machine.planBoot(() => ({
    mode: 'bios',
    secureBoot: { enabled: false, keys: 'none', certificates: {} },
    order: ['disk'],
    httpUri: null,
    disks: [],
  }));
  const guest = new EmulatedGuest(name, join(dir, name, 'serial'));
  await machine.powerOn();
  return { machine, guest };
}

/** One thing heard: who was handed it, and whose it was. */
export interface Heard {
  at: number;
  port: string;
  mac: string;
}

/** Ears at ports; `prefix` leads into the network namespace they are in. */
export async function listenAt(file: string, ports: readonly string[], prefix: readonly string[] = []) {
  const program = [...prefix, '/usr/bin/python3', join(import.meta.dirname, 'ears.py'), file, ...ports];
  start('setpriv', ['--pdeathsig', 'KILL', ...program], { stdio: ['ignore', 'ignore', 'inherit'] });
  const text = () => readFile(file, 'utf8').catch(() => '');
  return {
    ready: () => soon(async () => (await text()).includes('ready\n')),
    async all(): Promise<Heard[]> {
      return (await text()).split('\n').flatMap((line) => {
        const [at = '', port = '', mac = ''] = line.split(' ');
        return mac === '' ? [] : [{ at: Number(at), port, mac }];
      });
    },
  };
}
