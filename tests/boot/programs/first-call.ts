// Stands in for the agent in tests of booting: calls the address it was told once, and says so on the console.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const OWN = '/etc/ingot/boot.json';
const words = readFileSync('/proc/cmdline', 'utf8').trim().split(/\s+/);
const value = (name: string) => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
const say = (text: string) => void process.stdout.write(`FIRST-CALL ${text}\n`);
const api = value('ipa-api-url');
say(`starts at ${readFileSync('/proc/uptime', 'utf8').split(' ')[0]} in ${words.join(' ')}`);
for (let round = 0; api !== undefined && round < 60; round++) {
  try {
    const response = await fetch(`${api}/v1/first-call`, {
      method: 'POST',
      body: existsSync(OWN) ? readFileSync(OWN, 'utf8') : '{}',
      signal: AbortSignal.timeout(5000),
    });
    say(`answered ${response.status}`);
    break;
  } catch (error) {
    say(`failed: ${String((error as Error).cause ?? error)}`);
    if (round === 3) for (const what of ['address', 'route', 'neighbour']) say(String(spawnSync('ip', [what]).stdout));
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
setInterval(() => {}, 60_000);
