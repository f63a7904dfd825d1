import { join } from 'node:path';
import { Command, Option } from 'commander';
import { defaultDataDir } from '#platform/data-dir';
import { baremetal } from '#sdk/generated/baremetal';
import { network } from '#sdk/generated/network';
import { switches } from '#sdk/generated/switches';
import { pages } from '#sdk/pages';
import { askedFindings } from './asked.ts';
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
import { type SwitchesSeen, type SwitchPortSeen, uplinkFindings } from './uplinks.ts';

type Client = Awaited<ReturnType<typeof chosenClient>>;

/** `ingot doctor network`: do cables, switches, DHCP and frame sizes agree with what is recorded? */
export function doctorNetwork(): Command {
  return addCloudOptions(usageExits(new Command('network')))
    .summary('compare cabling, switch ports, DHCP and MTU with the records')
    .description(
      "Compares where machines are recorded to be cabled with what they heard by LLDP, switch ports with what they shall carry, and asks switches whether the VLANs of machines leave them. Run as root on a host that carries networks, it also asks on each network of machines who answers DHCP, and whether packets of the network's MTU come back: for that it has a port on the network, for seconds. Changes nothing else. Exits with 1 when something is wrong.",
    )
    .option('--network <name...>', 'ask on these networks only')
    .option('--no-ask', 'compare records, and ask on no network')
    .option('--ovs-socket <path>', 'where Open vSwitch of this host is reached')
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
        const links = seen as MachineLinks;
        const asked = options['ask'] === false ? [] : await ask(client, links, options);
        const findings = [
          ...findingsOf(nodes as unknown as RecordedNode[], ports as unknown as RecordedPort[], links),
          ...uplinkFindings(links, await askSwitches(client, links)),
          ...askedFindings(asked),
        ];
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

/** Asks on networks themselves, from this host. */
async function ask(client: Client, { networks }: MachineLinks, options: Record<string, unknown>) {
  const { askNetworks } = await import('./asking.ts');
  const names = options['network'] as string[] | undefined;
  const chosen = networks.filter(({ id, name }) => names === undefined || names.includes(id) || names.includes(name));
  const said = options['ovsSocket'] as string | undefined;
  const dataDir = process.env['INGOT_DATA_DIR'] || defaultDataDir(process.env);
  const usual = [join(dataDir, 'ovn', 'conf.sock'), '/var/run/openvswitch/db.sock'];
  return askNetworks(client, chosen, said === undefined ? usual : [said]);
}

const ASK_S = 20;

/** The ports of all switches that machines hang on, as these say now. */
async function askSwitches(client: Client, { machine_links: links }: MachineLinks): Promise<SwitchesSeen> {
  const names = [...new Set(links.flatMap((link) => link.switch ?? []))];
  const asked = names.map(async (name): Promise<[string, readonly SwitchPortSeen[] | null]> => {
    const wish = { params: { switch: name }, query: { fresh: true, deadline_s: ASK_S } };
    const said = await client.operations.loose(switches.switchPorts, wish).catch(() => null);
    return [name, said === null ? null : (said as { ports: SwitchPortSeen[] }).ports];
  });
  return new Map(await Promise.all(asked));
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
