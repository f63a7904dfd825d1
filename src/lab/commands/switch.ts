import { type LabIo, type LabOptionValues, numberOption, passwordOption, textOption } from '../command.ts';
import { errors } from '../errors.ts';
import type { LabSwitchDevice } from '../switch/device.ts';
import { forwards, writeList } from '../switch/state.ts';
import { interrupted } from './up.ts';

/** A running switch that holds a configuration and forwards nothing. */
interface Emulated {
  readonly device: LabSwitchDevice;
  readonly port: number;
  readonly fingerprint: string;
  stop(): Promise<void>;
}

interface Wish {
  ports: number;
  port: number;
  username: string;
  password: string;
}

/** `ingot lab switch KIND`: runs until the signal; then it tells what became of its ports. */
export async function emulateSwitch(
  args: readonly string[],
  options: LabOptionValues,
  { write, signal }: LabIo,
): Promise<void> {
  const { DIALECTS } = await import('../switch/ssh/all.ts');
  const kinds = ['netconf', 'gnmi', ...DIALECTS.map(({ name }) => name)];
  const [kind] = args;
  if (kind === undefined) {
    write(`${kinds.join('\n')}\n`);
    return;
  }
  if (!kinds.includes(kind)) throw errors.LabBadSpec(`a switch of the kind ${kind}; there are ${kinds.join(', ')}`);
  const wish: Wish = {
    ports: numberOption(options, 'ports', 1),
    port: numberOption(options, 'port'),
    username: textOption(options, 'user') ?? 'admin',
    password: (await passwordOption(options, 'switch')).reveal(),
  };
  const running = await started(kind, wish);
  const { faults } = running.device;
  faults.slowMs = numberOption(options, 'slow');
  faults.cutAfter = numberOption(options, 'cutAfter');
  faults.failingCommits = numberOption(options, 'failCommits');
  const refused = numberOption(options, 'refuseVlan');
  if (refused > 0) faults.refusedVlan = refused;
  const before = carried(running.device);
  const driver = kind === 'netconf' || kind === 'gnmi' ? kind : `ssh --platform ${kind}`;
  write(
    `An emulated switch, ${kind}, with ${before.size} ports: ${[...before.keys()].slice(0, 3).join(', ')} …\n` +
      `It holds a configuration and forwards nothing; it shows the key ${running.fingerprint}.\n` +
      `  ingot switch add NAME --driver ${driver} --address 127.0.0.1:${running.port} -u ${wish.username} --password-file FILE\n`,
  );
  await interrupted(signal);
  const after = carried(running.device);
  for (const [port, text] of after) if (text !== before.get(port)) write(`${port}: ${text}\n`);
  write(`${running.device.writes} changes.\n`);
  await running.stop();
}

async function started(kind: string, wish: Wish): Promise<Emulated> {
  switch (kind) {
    case 'netconf':
      return (await import('../switch/openconfig/netconf.ts')).EmulatedNetconfSwitch.start(wish);
    case 'gnmi':
      return (await import('../switch/openconfig/gnmi.ts')).EmulatedGnmiSwitch.start(wish);
    default: {
      const [{ DIALECTS }, { EmulatedSshSwitch }] = await Promise.all([
        import('../switch/ssh/all.ts'),
        import('../switch/ssh/server.ts'),
      ]);
      const dialect = DIALECTS.find(({ name }) => name === kind);
      if (dialect === undefined) throw errors.LabBadSpec(`a switch of the kind ${kind}`);
      return EmulatedSshSwitch.start({ ...wish, dialect });
    }
  }
}

/** What each port forwards, in words. */
function carried({ running }: LabSwitchDevice): Map<string, string> {
  return new Map(
    [...running.ports].map(([name, { shut }]) => {
      const { mode, untagged, tagged } = forwards(running, name);
      const vlans = [
        ...(untagged === null ? [] : [`untagged ${untagged}`]),
        ...(tagged.length === 0 ? [] : [`tagged ${writeList(tagged)}`]),
      ];
      return [name, `${shut ? 'shut, ' : ''}${[mode, ...vlans].join(' ')}`];
    }),
  );
}
