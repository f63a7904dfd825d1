// What watching the power of many BMCs costs, and what dead ones among them cost the others.
//   node tools/run.mjs bench/polling.ts [machines] [seconds between two looks] [event streams]
// 3,000 machines looked at each minute take just under five minutes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startProduct } from './product.ts';

const machines = Number(process.argv[2] ?? 3000);
const everyS = Number(process.argv[3] ?? 60);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

process.env['INGOT_BENCH_POLL_MS'] = String(everyS * 1000);
process.env['INGOT_BENCH_STREAMS'] = process.argv[4] ?? '0';
const rack = spawn(process.execPath, [fileURLToPath(new URL('./polling-rack.ts', import.meta.url)), String(machines)], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const lines = createInterface({ input: rack.stdout });
const said = async <T>() => JSON.parse(((await once(lines, 'line')) as [string])[0]) as T;
const ask = async (line: string) => {
  const answer = said<number[]>();
  rack.stdin.write(`${line}\n`);
  return await answer;
};
const urls = await said<string[]>();
const product = await startProduct(16);
const queue = urls.entries();
await Promise.all(
  Array.from({ length: 4 }, async () => {
    for (const [i, url] of queue) {
      const driver_info = {
        redfish_address: url,
        redfish_username: 'admin',
        redfish_password: 'password',
        redfish_verify_ca: false,
      };
      const make = () => product.call('POST', '/v1/nodes', { name: `p${i}`, driver: 'redfish', driver_info }, '1.9');
      // 503: the database is overtaxed for a moment
      for (let attempt = 0; ; attempt++) {
        try {
          await make();
          break;
        } catch (error) {
          if (attempt > 20) throw error;
          await sleep(2_000);
        }
      }
    }
  }),
);
console.log(`${machines} BMCs, each looked at every ${everyS} s`);
// until the first round, with its logins, is over: nodes are listed every half minute
const until = performance.now() + (everyS + 60) * 1000;
while (performance.now() < until) {
  await sleep(2_000);
  // service root twice, systems, system: a first look is over
  if ((await ask('reads')).every((reads) => reads >= 4)) break;
}

const dead = Math.floor(machines * 0.3);
/** Some time: CPU of the program and its database in per cent of a core, and looks at each BMC that lives. */
async function watch(what: string, seconds: number, line = 'reads'): Promise<number> {
  const [before, cpu] = [await ask(line), await product.cpu()];
  const began = performance.now();
  await sleep(seconds * 1000);
  const [after, then] = [await ask('reads'), await product.cpu()];
  const ms = performance.now() - began;
  const share = (used: number) => `${(used / 10 / ms).toFixed(1)} %`;
  const looks = after.map((reads, i) => reads - (before[i] ?? 0)).slice(dead);
  const mean = looks.reduce((a, b) => a + b, 0) / looks.length / (ms / 1000 / everyS);
  const { program } = await product.memory();
  console.log(
    `${what}: program ${share(then.cpu - cpu.cpu)} of a core, database ${share(then.database - cpu.database)}, ` +
      `${mean.toFixed(2)} reads of each living BMC in ${everyS} s, ${program.toFixed(0)} MB` +
      (seconds < everyS ? '' : `, ${looks.filter((n) => n === 0).length} not looked at`),
  );
  return mean;
}

/** Nodes the program gave up, and what it says of the first: none while all answer, or the figures mean nothing. */
async function givenUp(): Promise<void> {
  const list = (await product.call('GET', '/v1/nodes?fault=power%20failure&fields=name,last_error&limit=1000')) as {
    nodes: { name: string; last_error: string | null }[];
  };
  if (list.nodes.length > 0)
    console.log(`  given up: ${list.nodes.length}, such as ${list.nodes[0]?.name}: ${list.nodes[0]?.last_error}`);
}

const quiet = await watch('all answer', everyS * 0.75);
await givenUp();
await watch('30 % begin to be silent', everyS, `dead ${dead}`);
const disturbed = await watch('30 % are silent', everyS * 0.75);
console.log(`the others are looked at ${((disturbed / quiet) * 100).toFixed(0)} % as often as before`);
await product.close();
rack.kill();
