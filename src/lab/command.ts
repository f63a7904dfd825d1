import { readFile } from 'node:fs/promises';
import { Secret } from '#kernel/secret';
import { errors } from './errors.ts';

/** What the commands need of the program they are part of. */
export interface LabIo {
  /** Writes to standard output. */
  write(text: string): void;
  /** Shows how far something is; overwritten by the next. */
  progress(text: string): void;
  /** Aborted when the person wants the command to end. */
  signal: AbortSignal;
  /** How to run `ingot lab inside` again: this program and the arguments before the JSON. */
  inside: { program: string; args: readonly string[] };
}

/** Options by their camel case names, as a command line parser gives them. */
export type LabOptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** One subcommand of `ingot lab`, described without a command line parser. */
export interface LabCommand {
  name: string;
  summary: string;
  hidden?: boolean;
  /** `<required>`, `[optional]`, `[many...]` */
  args: readonly string[];
  options: readonly { flags: string; says: string; otherwise?: string }[];
  run(args: readonly string[], options: LabOptionValues, io: LabIo): Promise<void>;
}

const CONTROL_PORT = '6390';
const control = {
  flags: '--control <port>',
  says: "port of the lab's control API on 127.0.0.1",
  otherwise: CONTROL_PORT,
} as const;

/** All of `ingot lab`, in the order of its help. Each loads what it needs when it runs. */
export const labCommands: readonly LabCommand[] = [
  {
    name: 'up',
    summary: 'run a rack of emulated or simulated machines until interrupted',
    args: [],
    options: [
      { flags: '--machines <n>', says: 'how many', otherwise: '2' },
      {
        flags: '--kind <kind>',
        says: 'emulated (QEMU, with a switch) or simulated (only BMCs)',
        otherwise: 'emulated',
      },
      { flags: '--mode <mode>', says: 'firmware: uefi or bios', otherwise: 'uefi' },
      { flags: '--secure-boot', says: 'firmware that can enforce Secure Boot' },
      {
        flags: '--enrol <file>',
        says: 'certificate (PEM) whose programs Secure Boot starts as well, such as that of `ingot image build --sign`',
      },
      { flags: '--tpm', says: 'a TPM in each machine' },
      { flags: '--vnc', says: 'a screen in each machine' },
      { flags: '--memory <mib>', says: 'MiB of memory of each', otherwise: '1024' },
      { flags: '--cpus <n>', says: 'processors of each', otherwise: '1' },
      { flags: '--address <ip>', says: 'where the BMCs answer', otherwise: '127.0.0.1' },
      { flags: '--redfish-port <port>', says: "first machine's; the next has one more", otherwise: '8443' },
      { flags: '--ipmi-port <port>', says: "first machine's; the next has one more", otherwise: '6230' },
      { flags: '--dir <folder>', says: 'keep disks and firmware settings there' },
      { flags: '--user <name>', says: "the BMCs' account", otherwise: 'admin' },
      { flags: '--password-file <file>', says: 'its password (else "password")' },
      control,
    ],
    run: async (_args, options, io) => (await import('./commands/up.ts')).up(options, io),
  },
  {
    name: 'status',
    summary: 'what the running lab holds, and what is broken in it',
    args: [],
    options: [{ flags: '--json', says: 'as JSON' }, control],
    run: async (_args, options, io) => (await import('./commands/control.ts')).status(options, io),
  },
  {
    name: 'fault',
    summary: 'switch a fault on: ingot lab fault lab1 latency ms=500 (without arguments: list them)',
    args: ['[machine]', '[fault]', '[settings...]'],
    options: [control],
    run: async (args, options, io) => (await import('./commands/control.ts')).fault(args, options, io),
  },
  {
    name: 'quirk',
    summary: "put a vendor's quirk on a machine (without arguments: list them)",
    args: ['[machine]', '[quirk]'],
    options: [control],
    run: async (args, options, io) => (await import('./commands/control.ts')).quirk(args, options, io),
  },
  {
    name: 'heal',
    summary: 'switch a fault or quirk off again, or all of a machine',
    args: ['<machine>', '[name]'],
    options: [control],
    run: async (args, options, io) => (await import('./commands/control.ts')).heal(args, options, io),
  },
  {
    name: 'do',
    summary: 'what hands in the rack do: ingot lab do lab1 mains-off',
    args: ['<machine>', '<action>', '[settings...]'],
    options: [control],
    run: async (args, options, io) => (await import('./commands/control.ts')).act(args, options, io),
  },
  {
    name: 'ledger',
    summary: 'what was asked of and done to the machines',
    args: ['[machine]'],
    options: [
      { flags: '--kind <kind>', says: 'request, action or event' },
      { flags: '--action <prefix>', says: 'only actions that begin so: power.' },
      { flags: '--json', says: 'as JSON' },
      control,
    ],
    run: async (args, options, io) => (await import('./commands/control.ts')).ledger(args, options, io),
  },
  {
    name: 'record',
    summary: 'walk a real BMC and store its Redfish tree without what identifies it',
    args: ['<url>', '<folder>'],
    options: [
      { flags: '--user <name>', says: 'account of the BMC; reading is enough', otherwise: 'root' },
      { flags: '--password-file <file>', says: 'its password' },
      { flags: '--insecure', says: 'take any certificate' },
      { flags: '--everything', says: 'log entries and schemas too' },
    ],
    run: async (args, options, io) => (await import('./commands/tree.ts')).recordTree(args, options, io),
  },
  {
    name: 'replay',
    summary: 'serve a recorded Redfish tree until interrupted',
    args: ['<folder>'],
    options: [
      { flags: '--address <ip>', says: 'where it answers', otherwise: '127.0.0.1' },
      { flags: '--port <port>', says: 'its port', otherwise: '8443' },
      { flags: '--user <name>', says: 'account it takes', otherwise: 'admin' },
      { flags: '--password-file <file>', says: 'its password (else "password")' },
    ],
    run: async (args, options, io) => (await import('./commands/tree.ts')).replayTree(args, options, io),
  },
  {
    name: 'switch',
    summary: 'an emulated switch with SSH, NETCONF or gNMI until interrupted (without arguments: list them)',
    args: ['[kind]'],
    options: [
      { flags: '--ports <n>', says: 'how many', otherwise: '48' },
      { flags: '--port <port>', says: 'where it answers on 127.0.0.1; 0: any', otherwise: '0' },
      { flags: '--user <name>', says: 'account it takes', otherwise: 'admin' },
      { flags: '--password-file <file>', says: 'its password (else "switch")' },
      { flags: '--slow <ms>', says: 'it takes this long for each answer', otherwise: '0' },
      { flags: '--cut-after <n>', says: 'the connection ends after so many changes; 0: never', otherwise: '0' },
      { flags: '--fail-commits <n>', says: 'so many commits fail', otherwise: '0' },
      { flags: '--refuse-vlan <id>', says: 'it refuses this VLAN', otherwise: '0' },
    ],
    run: async (args, options, io) => (await import('./commands/switch.ts')).emulateSwitch(args, options, io),
  },
  {
    name: 'inside',
    summary: "the lab's main program in its namespace",
    hidden: true,
    args: ['<wish>'],
    options: [],
    run: async (args) => (await import('./inside.ts')).runInside(JSON.parse(args[0] ?? '{}')),
  },
];

/** A whole number of an option. Throws LabBadSpec. */
export function numberOption(options: LabOptionValues, key: string, least = 0): number {
  const value = Number(options[key]);
  if (!Number.isInteger(value) || value < least) throw errors.LabBadSpec(`--${key} ${JSON.stringify(options[key])}`);
  return value;
}

export const textOption = (options: LabOptionValues, key: string): string | undefined => {
  const value = options[key];
  return typeof value === 'string' ? value : undefined;
};

/** The first line of the file `--password-file` names, else `otherwise`. */
export async function passwordOption(options: LabOptionValues, otherwise?: string): Promise<Secret> {
  const file = textOption(options, 'passwordFile');
  if (file !== undefined) return new Secret((await readFile(file, 'utf8')).split('\n')[0] ?? '');
  if (otherwise === undefined) throw errors.LabBadSpec('no --password-file');
  return new Secret(otherwise);
}
