// In the ramdisk: brings the network up as a network_data.json says, without DHCP. `init` starts it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { run } from '#kernel/run';
import { messageOf } from '#kernel/errors';
import { type NetworkData, planNetwork } from './plan.ts';

const say = (text: string) => void process.stdout.write(`ingot: ${text}\n`);

const cards = new Map<string, string>();
for (const name of readdirSync('/sys/class/net')) {
  if (name !== 'lo') cards.set(readFileSync(`/sys/class/net/${name}/address`, 'utf8').trim().toLowerCase(), name);
}
const data = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as NetworkData;
const plan = planNetwork(data, cards);
for (const problem of plan.problems) say(problem);
let set = 0;
for (const command of plan.commands) {
  try {
    await run('ip', command, { timeoutMs: 10_000 });
    if (command.includes('address')) {
      set++;
      say(`ip ${command.join(' ')}`);
    }
  } catch (error) {
    say(`ip ${command.join(' ')}: ${messageOf(error)}`);
  }
}
if (plan.nameservers.length > 0)
  writeFileSync('/etc/resolv.conf', plan.nameservers.map((one) => `nameserver ${one}\n`).join(''));
if (set > 0) writeFileSync('/run/ingot.network', '');
else process.exitCode = 1;
