import { Command, Option } from 'commander';
import { baremetal } from '#sdk/generated/baremetal';
import { chosenClient } from '../cloud-options.ts';
import { usageExits } from '../exit.ts';
import { told } from '../identity/failure.ts';
import { harmless, harmlessJson } from '../output/cell.ts';

interface Explanation {
  summary: string;
  check: string[];
  boot_interface: string;
  method: string | null;
  passed_over: Record<string, string>;
  tried: { method: string; seconds: number; summary: string }[];
  failed: string[];
  sightings: { at: string; method: string; what: string; mac?: string; address?: string; bytes?: number }[];
}

/** `ingot node explain NODE`: how its last boot went. */
export function explain(): Command {
  return usageExits(new Command('explain'))
    .summary('say how the last boot of a machine went, where it stopped and what to check')
    .description(
      'Says what a machine was offered to boot, why other ways were passed over, what it asked for, where it stopped, and what to look at.',
    )
    .argument('<node>', 'UUID or name of the node')
    .addOption(new Option('-f, --format <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .action((node: string, options: Record<string, unknown>, self: Command) =>
      told(async () => {
        const client = await chosenClient(self.optsWithGlobals());
        const found = (await client.baremetal.loose(baremetal.nodeBootExplain, {
          params: { node_ident: node },
        })) as Explanation;
        if (options['format'] === 'json') process.stdout.write(`${harmlessJson(found, 2)}\n`);
        else process.stdout.write(`${harmless(lines(found).join('\n'))}\n`);
      }),
    );
}

function lines(found: Explanation): string[] {
  const others = Object.entries(found.passed_over);
  return [
    found.summary,
    ...(found.check.length === 0 ? [] : ['', 'To check:', ...found.check.map((one) => `  - ${one}`)]),
    '',
    `Boot interface ${found.boot_interface}${found.method === null ? '' : `, by ${found.method}`}`,
    ...found.tried.map(({ method, seconds, summary }) => `  tried by ${method} for ${seconds} s: ${summary}`),
    ...others
      .filter(([method]) => !found.tried.some((way) => way.method === method))
      .map(([method, why]) => `  not by ${method}: ${why}`),
    ...(found.sightings.length === 0 ? [] : ['', 'What it asked for:']),
    ...found.sightings.map((one) => {
      const size = one.bytes === undefined || one.bytes === 0 ? '' : ` (${one.bytes} bytes)`;
      return `  ${one.at}  ${one.what}${size}${one.address === undefined ? '' : ` from ${one.address}`}`;
    }),
  ];
}
