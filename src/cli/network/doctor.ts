import { Command, Option } from 'commander';
import { baremetal } from '#sdk/generated/baremetal';
import { network } from '#sdk/generated/network';
import { pages } from '#sdk/pages';
import { addCloudOptions, chosenClient } from '../cloud-options.ts';
import { usageExits } from '../exit.ts';
import { told } from '../identity/failure.ts';
import { harmless, harmlessJson } from '../output/cell.ts';
import {
  findingsOf,
  type MachineLinks,
  type NetworkFinding,
  type RecordedNode,
  type RecordedPort,
} from './findings.ts';

/** `ingot doctor network`: do cables, switches, DHCP and frame sizes agree with what is recorded? */
export function doctorNetwork(): Command {
  return addCloudOptions(usageExits(new Command('network')))
    .summary('compare cabling, switch ports, DHCP and MTU with the records')
    .description(
      'Compares where machines are recorded to be cabled with what they heard by LLDP, switch ports with what they shall carry, and looks whether somebody answers DHCP and whether frames fit. Asks the service; changes nothing. Exits with 1 when something is wrong.',
    )
    .addOption(new Option('-f, --format <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .action((_options: Record<string, unknown>, self: Command) =>
      told(async () => {
        const options = self.opts();
        const client = await chosenClient(options);
        const [seen, nodes, ports] = await Promise.all([
          client.operations.loose(network.machineLinkList, {}),
          all(pages(client.baremetal, baremetal.nodeListDetail, {}, { key: 'nodes' })),
          all(pages(client.baremetal, baremetal.portListDetail, {}, { key: 'ports' })),
        ]);
        const findings = findingsOf(
          nodes as unknown as RecordedNode[],
          ports as unknown as RecordedPort[],
          seen as MachineLinks,
        );
        if (options['format'] === 'json') process.stdout.write(`${harmlessJson(findings, 2)}\n`);
        else
          process.stdout.write(
            findings.length === 0
              ? 'No machine hangs on a switch that is looked after.\n'
              : findings.map(text).join(''),
          );
        if (findings.some(({ state }) => state === 'bad')) process.exitCode = 1;
      }),
    );
}

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

const MARKS = { good: 'ok  ', bad: 'BAD ', absent: '?   ' } as const;

function text({ what, state, about, seen, remedy }: NetworkFinding): string {
  const more = remedy === undefined ? '' : `\n            ${harmless(remedy)}`;
  return `${MARKS[state]} ${what.padEnd(8)} ${harmless(about)}: ${harmless(seen)}${more}\n`;
}
