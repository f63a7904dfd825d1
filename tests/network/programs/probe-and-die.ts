import { systemRandom } from '#kernel/random';
import { ProbePort } from '#operate/probe/probe-port';

// Makes a probe and is killed with it in place.
await ProbePort.make(
  process.argv[2] ?? '',
  { bridge: 'tor1', mac: 'fa:16:3e:00:03:05', mtu: 1500, vlan: 72 },
  systemRandom,
);
process.kill(process.pid, 'SIGKILL');
