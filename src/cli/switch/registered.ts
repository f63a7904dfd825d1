import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { defineErrors } from '#kernel/errors';
import { switches } from '#sdk/generated/switches';
import { chosenClient } from '../cloud-options.ts';
import { usageExits } from '../exit.ts';
import { told } from '../identity/failure.ts';
import { addFormat, printer } from './printed.ts';

const errors = defineErrors({
  BadPair: [400, (option: string, text: string) => `${option}: "${text}" is not NAME=VALUE`],
});

type Facts = Record<string, unknown>;
const FILES = [
  ['passwordFile', 'password'],
  ['privateKeyFile', 'private_key'],
  ['enablePasswordFile', 'enable_password'],
  ['caFile', 'ca'],
  ['certificateFile', 'certificate'],
  ['certificateKeyFile', 'certificate_key'],
] as const;
const PLAIN = [
  ['driver', 'driver'],
  ['platform', 'platform'],
  ['address', 'address'],
  ['chassisId', 'chassis_id'],
  ['user', 'username'],
  ['hostKey', 'host_key'],
  ['physicalNetwork', 'physical_network'],
  ['conductorGroup', 'conductor_group'],
  ['drift', 'drift'],
  ['description', 'description'],
] as const;

function addSettings(command: Command): Command {
  const options = [
    new Option('--driver <driver>', 'how it is spoken to').choices(['ovs', 'netconf', 'gnmi', 'ssh']),
    new Option('--platform <platform>', 'of ssh: whose commands it speaks; see ingot switch platforms'),
    new Option('--address <address>', 'host, host:port; of ovs tcp:HOST:PORT, ssl:HOST:PORT or unix:PATH'),
    new Option('--chassis-id <mac>', 'MAC address its LLDP tells: the switch_id of local_link_connection'),
    new Option('-u, --user <name>', 'account'),
    new Option('--password-file <file>', 'file with its password, - for standard input'),
    new Option('--private-key-file <file>', 'file with its SSH key'),
    new Option('--enable-password-file <file>', 'file with the password of enable, where it is another'),
    new Option('--ca-file <file>', 'PEM of the authorities that sign its certificate'),
    new Option('--certificate-file <file>', 'PEM of our certificate for it'),
    new Option('--certificate-key-file <file>', 'PEM of its key'),
    new Option('--host-key <key>', 'the key it must show, SHA256:…; none: the one it shows next is kept'),
    new Option('--physical-network <name>', 'physical network its ports are on'),
    new Option('--conductor-group <group>', 'conductors that reach it'),
    new Option('--parking-vlan <id>', 'a VLAN of no network, where shut ports stand (3967)'),
    new Option('--drift <what>', 'what happens to a port somebody else changed').choices(['repair', 'report']),
    new Option('--description <text>', 'for people'),
    new Option('--option <name=value...>', 'bridge (ovs), network_instance (OpenConfig), lag_range'),
    new Option('--port-name <name=port...>', 'name LLDP tells = name the switch has'),
  ];
  for (const option of options) command.addOption(option.helpGroup('The switch:'));
  return command;
}

/** `ingot switch add NAME`. */
export function add(): Command {
  return addFormat(addSettings(usageExits(new Command('add'))))
    .summary('register a switch')
    .description('Registers a switch. Nothing on it is changed until a machine wants a port of it.')
    .argument('<name>', 'its name, as LLDP tells it')
    .action((name: string, options: Facts, self: Command) =>
      told(async () => {
        const client = await chosenClient(self.optsWithGlobals());
        const body = { ...(await settingsOf(options)), name };
        await printer(options).one((await client.operations.loose(switches.switchCreate, { body })) as Facts);
      }),
    );
}

/** `ingot switch set NAME`. */
export function set(): Command {
  return addFormat(addSettings(usageExits(new Command('set'))))
    .summary('change what is known of a switch')
    .description('Changes what is known of a switch. A password or key in a file takes the place of the one before.')
    .argument('<switch>', 'id, name or chassis MAC')
    .option('--name <name>', 'another name')
    .option('--off', 'nobody talks to it until --on (it is being replaced)')
    .option('--on', 'it is talked to again')
    .action((said: string, options: Facts, self: Command) =>
      told(async () => {
        const client = await chosenClient(self.optsWithGlobals());
        const body = {
          ...(await settingsOf(options)),
          ...(options['name'] === undefined ? {} : { name: options['name'] }),
          ...(options['off'] === true ? { enabled: false } : options['on'] === true ? { enabled: true } : {}),
        };
        const changed = await client.operations.loose(switches.switchUpdate, { params: { switch: said }, body });
        await printer(options).one(changed as Facts);
      }),
    );
}

/** `ingot switch list`. */
export function list(): Command {
  return addFormat(usageExits(new Command('list')))
    .summary('list switches')
    .action((options: Facts, self: Command) =>
      told(async () => {
        const client = await chosenClient(self.optsWithGlobals());
        const found = (await client.operations.loose(switches.switchList, {})) as { switches: Facts[] };
        await printer(options).rows(
          ['name', 'driver', 'platform', 'address', 'physical_network', 'state', 'read_at', 'error'],
          found.switches,
        );
      }),
    );
}

/** `ingot switch show NAME`. */
export function show(): Command {
  return addFormat(usageExits(new Command('show')))
    .summary('show a switch')
    .argument('<switch>', 'id, name or chassis MAC')
    .action((said: string, options: Facts, self: Command) =>
      told(async () => {
        const client = await chosenClient(self.optsWithGlobals());
        const found = await client.operations.loose(switches.switchShow, { params: { switch: said } });
        await printer(options).one(found as Facts);
      }),
    );
}

/** `ingot switch remove NAME`. */
export function remove(): Command {
  return usageExits(new Command('remove'))
    .summary('forget a switch; its ports stay as they are')
    .argument('<switch>', 'id, name or chassis MAC')
    .option('--force', 'although ports of it are looked after')
    .action((said: string, options: Facts, self: Command) =>
      told(async () => {
        const client = await chosenClient(self.optsWithGlobals());
        const query = options['force'] === true ? { force: true } : {};
        await client.operations.loose(switches.switchDelete, { params: { switch: said }, query });
      }),
    );
}

/** `ingot switch platforms`. */
export function platforms(): Command {
  return addFormat(usageExits(new Command('platforms')))
    .summary('list what kinds of switches there are')
    .action((options: Facts, self: Command) =>
      told(async () => {
        const client = await chosenClient(self.optsWithGlobals());
        const found = (await client.operations.loose(switches.switchPlatforms, {})) as { platforms: Facts[] };
        await printer(options).rows(['driver', 'platform', 'title'], found.platforms);
      }),
    );
}

async function settingsOf(options: Facts): Promise<Facts> {
  const body: Facts = {};
  for (const [option, name] of PLAIN) if (options[option] !== undefined) body[name] = options[option];
  if (options['hostKey'] === 'none') body['host_key'] = null;
  if (options['parkingVlan'] !== undefined) body['parking_vlan'] = Number(options['parkingVlan']);
  for (const [option, name] of FILES) {
    const file = options[option] as string | undefined;
    if (file === undefined) continue;
    const text = await readFile(file === '-' ? '/dev/stdin' : file, 'utf8');
    body[name] = name.includes('password') ? (text.split('\n')[0] ?? '') : text;
  }
  for (const [option, name] of [
    ['option', 'options'],
    ['portName', 'port_names'],
  ] as const) {
    const pairs = options[option] as string[] | undefined;
    if (pairs === undefined) continue;
    body[name] = Object.fromEntries(
      pairs.map((pair) => {
        const at = pair.indexOf('=');
        if (at < 1) throw errors.BadPair(`--${option}`, pair);
        return [pair.slice(0, at), pair.slice(at + 1)];
      }),
    );
  }
  return body;
}
