import { Command } from 'commander';
import { defineErrors } from '#kernel/errors';
import { switches } from '#sdk/generated/switches';
import { chosenClient } from '../cloud-options.ts';
import { usageExits } from '../exit.ts';
import { told } from '../identity/failure.ts';
import { type Port, portRow } from './ports.ts';
import { addFormat, printer } from './printed.ts';

const errors = defineErrors({
  OneWish: [400, () => 'Say one of --access, --trunk, --nothing and --release with --port.'],
  NoPort: [400, () => 'Say with --port which ports are meant.'],
  BadVlans: [400, (text: string) => `"${text}" is no list of VLANs such as 10,20-23`],
});

/** `ingot switch apply NAME`: repairs now, or sets ports by hand. */
export function apply(): Command {
  return addFormat(usageExits(new Command('apply')))
    .summary('make ports as wanted, now')
    .description(
      'Compares the switch with what is wanted, and repairs what differs. With --port and what it shall carry, that is wanted from now on: for ports of things that are no machines of Ingot. Answers when the switch reads so.',
    )
    .argument('<switch>', 'id, name or chassis MAC')
    .option('-p, --port <port...>', 'ports to set by hand')
    .option('--access <vlan>', 'one VLAN, untagged')
    .option('--trunk <vlans>', 'these VLANs, tagged: 10,20-23')
    .option('--native <vlan>', 'with --trunk: and this one untagged')
    .option('--nothing', 'nothing: shut')
    .option('--release', 'leave them as they are, and look after them no longer')
    .option('--deadline <seconds>', 'how long to wait for the switch', '30')
    .action((said: string, options: Record<string, unknown>, self: Command) =>
      told(async () => {
        const client = await chosenClient(self.optsWithGlobals());
        const plan = planOf(options);
        const names = options['port'] as string[] | undefined;
        if (plan !== undefined && names === undefined) throw errors.NoPort();
        if (plan === undefined && names !== undefined) throw errors.OneWish();
        const body = {
          deadline_s: Math.min(55, Math.max(1, Math.trunc(Number(options['deadline'])) || 30)),
          ...(names === undefined ? {} : { ports: names.map((port) => ({ port, plan: plan ?? null })) }),
        };
        const done = await client.operations.loose(switches.switchApply, { params: { switch: said }, body });
        await printer(options).rows(
          ['port', 'state', 'owner', 'found'],
          (done as { ports: Port[] }).ports.map(portRow),
        );
      }),
    );
}

/** undefined: none is said; null: nobody wants anything. */
function planOf(options: Record<string, unknown>): { vlans: Record<string, unknown> } | null | undefined {
  const { access, trunk, native, nothing, release } = options;
  const said = [access, trunk, nothing, release].filter((one) => one !== undefined && one !== false);
  if (said.length > 1) throw errors.OneWish();
  if (release === true) return null;
  if (nothing === true) return { vlans: { mode: 'nothing' } };
  if (access !== undefined) return { vlans: { mode: 'access', vlan: Number(access) } };
  if (trunk === undefined) return undefined;
  return {
    vlans: { mode: 'trunk', native: native === undefined ? null : Number(native), allowed: vlansOf(String(trunk)) },
  };
}

function vlansOf(text: string): number[] {
  const vlans = new Set<number>();
  for (const part of text.split(',')) {
    const range = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part.trim());
    if (range === null) throw errors.BadVlans(text);
    for (let id = Number(range[1]); id <= Number(range[2] ?? range[1]) && id <= 4095; id++) vlans.add(id);
  }
  return [...vlans];
}
