import { bootDevice } from '../actions/node-parts.ts';
import { type CommandSpec, flag, json, must, type Opt, text } from '../spec.ts';

const node = { name: 'node', about: 'UUID or name of the node' };
const nodes = { ...node, name: 'nodes', many: true };

const jsonSource = 'a JSON list, a file, or - for standard input';
const configDrive = json(
  '--config-drive <config-drive>',
  'configdrive',
  'JSON with meta_data, user_data, network_data, vendor_data; or an image in base64, a file, or a URL',
);
const deploySteps = json('--deploy-steps <steps>', 'deploy_steps', `Steps beside the usual ones: ${jsonSource}`);
const runbook = text('--runbook <runbook>', 'runbook', 'Runbook with the steps');
const noRamdisk = flag('--disable-ramdisk', 'disable_ramdisk', 'Steps that need no ramdisk run without one');

/** A verb of the provisioning machine. */
function verb(
  name: string,
  about: string,
  target: string,
  reaches?: string,
  options: readonly Opt[] = [],
): CommandSpec {
  return {
    name: `node ${name}`,
    about,
    args: [nodes],
    options,
    action: reaches === undefined ? { do: 'provision', target } : { do: 'provision', target, reaches },
  };
}

const soft = flag('--soft', '', 'Ask the operating system instead of cutting the power');
const powerTimeout: Opt = {
  flags: '--power-timeout <seconds>',
  to: 'timeout',
  about: 'Seconds until the state must be reached',
  kind: 'int',
};

export const nodeVerbCommands: readonly CommandSpec[] = [
  verb('abort', 'Stop what a node is going through, where that is allowed', 'abort'),
  verb('adopt', 'Take over nodes that run already', 'adopt', 'active'),
  verb('clean', 'Clean nodes by given steps', 'clean', 'manageable', [
    json('--clean-steps <steps>', 'clean_steps', `The steps: ${jsonSource}`),
    runbook,
    noRamdisk,
  ]),
  verb('deploy', 'Deploy nodes', 'active', 'active', [configDrive, deploySteps]),
  verb('inspect', 'Find out what nodes are made of', 'inspect', 'manageable'),
  verb('manage', 'Take nodes into management', 'manage', 'manageable'),
  verb('provide', 'Offer nodes', 'provide', 'available'),
  verb('rebuild', 'Deploy nodes anew, keeping what shall be kept', 'rebuild', 'active', [configDrive, deploySteps]),
  verb('rescue', 'Boot nodes into a rescue system', 'rescue', 'rescue', [
    must(
      text(
        '--rescue-password <password>',
        'rescue_password',
        'Password of the rescue system; - reads it from standard input',
      ),
    ),
  ]),
  verb('service', 'Run steps on nodes in use', 'service', 'active', [
    json('--service-steps <steps>', 'service_steps', `The steps: ${jsonSource}`),
    runbook,
    noRamdisk,
  ]),
  verb('undeploy', 'Take nodes back', 'deleted', 'available'),
  verb('unhold', 'Let held nodes go on', 'unhold'),
  verb('unrescue', 'Boot nodes into their own system again', 'unrescue', 'active'),

  {
    name: 'node power on',
    about: 'Switch nodes on',
    args: [nodes],
    options: [powerTimeout],
    action: { do: 'each', call: 'nodeStatesPower', param: 'node_ident', body: { target: 'power on' } },
  },
  {
    name: 'node power off',
    about: 'Switch nodes off',
    args: [nodes],
    options: [{ ...soft, to: 'target', value: 'soft power off' }, powerTimeout],
    action: { do: 'each', call: 'nodeStatesPower', param: 'node_ident', body: { target: 'power off' } },
  },
  {
    name: 'node reboot',
    about: 'Reboot nodes',
    args: [nodes],
    options: [{ ...soft, to: 'target', value: 'soft rebooting' }, powerTimeout],
    action: { do: 'each', call: 'nodeStatesPower', param: 'node_ident', body: { target: 'rebooting' } },
  },
  {
    name: 'node maintenance set',
    about: 'Put nodes into maintenance',
    args: [nodes],
    options: [text('--reason <reason>', 'reason', 'Why')],
    action: { do: 'each', call: 'nodeMaintenanceSet', param: 'node_ident', body: {} },
  },
  {
    name: 'node maintenance unset',
    about: 'Take nodes out of maintenance',
    args: [nodes],
    action: { do: 'each', call: 'nodeMaintenanceClear', param: 'node_ident' },
  },
  {
    name: 'node console enable',
    about: 'Open the consoles of nodes',
    args: [nodes],
    action: { do: 'each', call: 'nodeConsoleSet', param: 'node_ident', body: { enabled: true } },
  },
  {
    name: 'node console disable',
    about: 'Close the consoles of nodes',
    args: [nodes],
    action: { do: 'each', call: 'nodeConsoleSet', param: 'node_ident', body: { enabled: false } },
  },
  {
    name: 'node console show',
    about: 'Show how to reach the console of a node',
    args: [node],
    action: { do: 'show', call: 'nodeConsoleShow', params: ['node_ident'] },
  },
  {
    name: 'node boot device set',
    about: 'Choose what nodes boot from',
    args: [
      nodes,
      {
        name: 'boot_device',
        about: 'pxe, disk, cdrom, bios, safe or wanboot',
        choices: ['pxe', 'disk', 'cdrom', 'bios', 'safe', 'wanboot'],
      },
    ],
    options: [flag('--persistent', 'persistent', 'Every time, not only the next')],
    action: { do: 'each', call: 'nodeBootDeviceSet', param: 'node_ident', body: { persistent: false } },
  },
  {
    name: 'node boot device show',
    about: 'Show what a node boots from',
    args: [node],
    options: [flag('--supported', '', 'Show what it could boot from')],
    action: { do: 'own', run: bootDevice },
    shape: 'one',
  },
  {
    name: 'node boot mode set',
    about: 'Choose how nodes boot',
    args: [nodes, { name: 'target', about: 'uefi or bios', choices: ['uefi', 'bios'] }],
    action: { do: 'each', call: 'nodeStatesBootMode', param: 'node_ident', body: {} },
  },
  {
    name: 'node secure boot on',
    about: 'Switch Secure Boot of nodes on',
    args: [nodes],
    action: { do: 'each', call: 'nodeStatesSecureBoot', param: 'node_ident', body: { target: true } },
  },
  {
    name: 'node secure boot off',
    about: 'Switch Secure Boot of nodes off',
    args: [nodes],
    action: { do: 'each', call: 'nodeStatesSecureBoot', param: 'node_ident', body: { target: false } },
  },
  {
    name: 'node inject nmi',
    about: 'Send nodes a non-maskable interrupt',
    args: [nodes],
    action: { do: 'each', call: 'nodeNmiInject', param: 'node_ident', body: {} },
  },
];
