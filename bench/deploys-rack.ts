import { subscribe } from 'node:diagnostics_channel';
import { createInterface } from 'node:readline';
import { selfSigned } from '#kernel/certificate';
import { systemRandom } from '#kernel/random';
import { agentGuests } from '#lab/machine/simulated/agent/plug';
import { startLab } from '#lab/up';

// A rack of simulated machines whose ramdisks call a conductor, in a process of its own: the conductor under test
// shares no thread with it. Says where the BMCs are; `cpu` gives the microseconds it used, and what
// its BMCs were asked.

const [apiUrl = '', count = '1000'] = process.argv.slice(2);
const now = Date.now();
const certificate = selfSigned(
  {
    commonName: 'bench',
    organization: 'Ingot Lab',
    names: ['127.0.0.1'],
    notBefore: new Date(now - 3_600_000),
    notAfter: new Date(now + 864e5),
  },
  systemRandom,
);
const latencies = { ramdiskMs: 20_000, writeMs: 20_000, commandMs: 500, jitter: 0.5 };
const lab = await startLab({
  kind: 'simulated',
  machines: Array.from({ length: Number(count) }, (_, i) => ({ name: `m${i}` })),
  credentials: { name: 'admin', password: 'lab-secret-1' },
  control: null,
  guests: agentGuests({ apiUrl: () => apiUrl, certificate, latencies }),
  latencies: { postMs: 20_000, attemptMs: 5, softOffMs: 20 },
});
const shown = lab.machines.map(({ redfish, machine }) => ({
  url: redfish.url,
  macs: machine.spec.nics.map((nic) => nic.mac),
}));
console.log(JSON.stringify(shown));
let connections = 0;
subscribe('net.server.socket', () => connections++);
createInterface({ input: process.stdin }).on('line', () => {
  const { user, system } = process.cpuUsage();
  const sum = { reads: 0, writes: 0, logins: 0 };
  for (const { bmc } of lab.machines)
    for (const key of ['reads', 'writes', 'logins'] as const) sum[key] += bmc.counters[key];
  console.log(JSON.stringify({ cpu: user + system, connections, ...sum }));
});
process.stdin.on('end', () => process.exit(0));
