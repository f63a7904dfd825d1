import type { Command } from 'commander';

/** A command of `ingot`. Its module is loaded when it is used: `--help` must not wait for the server's code. */
export interface CommandEntry {
  name: string;
  /** One line of `ingot --help`. */
  summary: string;
  group: string;
  /** Not for people: started by the program itself. */
  hidden?: true;
  load(): Promise<{ command(): Command }>;
}

/** All commands, in the order of the help. A new one is a line here and a module that exports `command()`. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'up',
    summary: 'run Ingot: every role in this process, or some of them',
    group: 'Running:',
    load: () => import('#operate/up'),
  },
  {
    name: 'doctor',
    summary: 'check this machine; say what is missing and how to get it',
    group: 'Running:',
    load: () => import('#operate/doctor'),
  },
  {
    name: 'config',
    summary: 'show every setting, its value and where that came from',
    group: 'Running:',
    load: () => import('#operate/config'),
  },
  {
    name: 'db',
    summary: 'migrate, export and import the database',
    group: 'Running:',
    load: () => import('#operate/db'),
  },
  {
    name: 'ramdisk',
    summary: 'build the small system that machines boot to be deployed',
    group: 'Running:',
    load: () => import('#operate/ramdisk'),
  },
  {
    name: 'lab',
    summary: 'run a rack of emulated or simulated machines to rehearse on',
    group: 'Running:',
    load: () => import('#operate/lab'),
  },
  {
    name: 'rack-inside',
    summary: 'the part of `up` that runs in the namespace of an emulated rack',
    group: 'Running:',
    hidden: true,
    load: () => import('#operate/rack/command'),
  },
  {
    name: 'image',
    summary: 'build images of operating systems from Debian packages',
    group: 'Running:',
    load: () => import('#operate/image'),
  },
  {
    name: 'baremetal',
    summary: 'nodes, ports, allocations and the rest: the commands of `openstack baremetal`',
    group: 'Using:',
    load: () => import('./baremetal/command.ts'),
  },
  {
    name: 'deploy',
    summary: 'put an image on a machine and say how to log in',
    group: 'Using:',
    load: () => import('./deploy/command.ts'),
  },
  {
    name: 'node',
    summary: 'where the time of deploys went, what proves that a machine is clean, captures, why it did not boot',
    group: 'Using:',
    load: () => import('./node/command.ts'),
  },
  {
    name: 'bmc',
    summary: 'say what is at the address of a BMC, and make a node of it',
    group: 'Using:',
    load: () => import('./bmc/probe.ts'),
  },
  {
    name: 'discover',
    summary: 'search networks for BMCs, and enrol what is found',
    group: 'Using:',
    load: () => import('./bmc/discover.ts'),
  },
  {
    name: 'switch',
    summary: 'switches that machines hang on: register them, see and repair their ports',
    group: 'Using:',
    load: () => import('./switch/command.ts'),
  },
  {
    name: 'console',
    summary: 'the console of a machine: use it, read what it recorded, search that',
    group: 'Using:',
    load: () => import('./console/command.ts'),
  },
  {
    name: 'token',
    summary: 'log in and print the token',
    group: 'Using:',
    load: () => import('./identity/token.ts'),
  },
  {
    name: 'openrc',
    summary: 'print how to log in, as a file for the shell',
    group: 'Using:',
    load: () => import('./identity/openrc.ts'),
  },
  {
    name: 'clouds-yaml',
    summary: 'print how to log in, as a clouds.yaml',
    group: 'Using:',
    load: () => import('./identity/clouds-yaml.ts'),
  },
  {
    name: 'policy',
    summary: 'who may do what, and why',
    group: 'Using:',
    load: () => import('./identity/policy.ts'),
  },
  {
    name: 'completion',
    summary: 'print the script that makes a shell complete these commands',
    group: 'Using:',
    load: () => import('./completion/command.ts'),
  },
];
