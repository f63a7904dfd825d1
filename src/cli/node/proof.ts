import { Command, Option } from 'commander';
import { baremetal } from '#sdk/generated/baremetal';
import { chosenClient } from '../cloud-options.ts';
import { usageExits } from '../exit.ts';
import { told } from '../identity/failure.ts';
import { harmless, harmlessJson } from '../output/cell.ts';
import { shownBytes } from './draw.ts';

interface Proof {
  created_at: string;
  operation: string;
  step: string;
  device: string | null;
  outcome: string;
  agent_version: string | null;
  evidence: Record<string, unknown>;
}

/** `ingot node proof NODE`: what says that it is clean. */
export function proof(): Command {
  return usageExits(new Command('proof'))
    .summary('show what proves that a machine was cleaned')
    .description(
      'Shows what each device of a machine was erased by, what was read back, and how its firmware compared with what was recorded. Nothing becomes available without.',
    )
    .argument('<node>', 'UUID or name of the node')
    .option('-n, --last <n>', 'how many entries, newest first', '50')
    .option('--record-firmware-anew', 'forget the recorded firmware: the next cleaning records what it finds')
    .addOption(new Option('-f, --format <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .action((node: string, options: Record<string, unknown>, self: Command) =>
      told(async () => {
        const client = await chosenClient(self.optsWithGlobals());
        if (options['recordFirmwareAnew'] === true) {
          await client.baremetal.loose(baremetal.nodeBaselineDelete, { params: { node_ident: node } });
          process.stdout.write('Forgotten; the next cleaning records the firmware as it is.\n');
          return;
        }
        const limit = Math.min(1000, Math.max(1, Math.trunc(Number(options['last'])) || 50));
        const { proofs } = (await client.baremetal.loose(baremetal.nodeProofsList, {
          params: { node_ident: node },
          query: { limit },
        })) as { proofs: Proof[] };
        if (options['format'] === 'json') process.stdout.write(`${harmlessJson(proofs, 2)}\n`);
        else process.stdout.write(proofs.length === 0 ? 'There is no proof yet.\n' : proofs.map(line).join(''));
      }),
    );
}

function line(one: Proof): string {
  const { method, bytes, samples, digest, differences } = one.evidence;
  const read = Array.isArray(samples) && samples.length > 0 ? `, ${samples.length} places read back` : '';
  const parts = [
    typeof method === 'string' ? ` by ${method}` : '',
    typeof bytes === 'number' ? `, ${shownBytes(bytes)}` : '',
    read,
    typeof digest === 'string' ? `, digest ${digest.slice(0, 16)}` : '',
    Array.isArray(differences) && differences.length > 0 ? `: ${differences.length} differences` : '',
  ];
  return `${one.created_at}  ${one.outcome.padEnd(9)} ${harmless(one.step)} ${harmless(one.device ?? 'machine')}${harmless(parts.join(''))}\n`;
}
