import { createInterface } from 'node:readline';
import { startLab } from '../src/lab/up.ts';

// A rack of simulated BMCs in a process of its own. Says where they are; then obeys lines: `reads` gives how often each was
// asked, `dead 900` makes the first 900 hold connections open and never answer.

const count = Number(process.argv[2] ?? 3000);
const lab = await startLab({
  kind: 'simulated',
  machines: Array.from({ length: count }, (_, i) => ({ name: `p${i}` })),
  credentials: { name: 'admin', password: 'password' },
  control: null,
});
console.log(JSON.stringify(lab.machines.map((machine) => machine.redfish.url)));
createInterface({ input: process.stdin }).on('line', (line) => {
  const dead = Number(/^dead (\d+)$/.exec(line)?.[1] ?? 0);
  for (const machine of lab.machines.slice(0, dead)) {
    machine.fault('dead'); // new connections
    machine.fault('hang'); // open ones
  }
  console.log(JSON.stringify(lab.machines.map((machine) => machine.bmc.counters.reads)));
});
process.stdin.on('end', () => process.exit(0));
