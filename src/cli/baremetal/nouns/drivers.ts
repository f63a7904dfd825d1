import { passthruCall, passthruList, propertyList } from '../actions/node-parts.ts';
import { type CommandSpec, map, oneOf, text } from '../spec.ts';

const KINDS = [
  'bios',
  'boot',
  'console',
  'deploy',
  'firmware',
  'inspect',
  'management',
  'network',
  'power',
  'raid',
  'rescue',
  'storage',
  'vendor',
];
const FIELDS = [
  'name',
  'type',
  'hosts',
  ...KINDS.map((kind) => `default_${kind}_interface`),
  ...KINDS.map((kind) => `enabled_${kind}_interfaces`),
];
const driver = { name: 'driver', about: 'Name of the hardware type' };

export const driverCommands: readonly CommandSpec[] = [
  {
    name: 'driver list',
    about: 'List hardware types',
    options: [oneOf(text('--type <type>', 'type', 'classic or dynamic'), ['classic', 'dynamic'])],
    action: { do: 'list', call: 'driverList', key: 'drivers', columns: ['name', 'hosts'], long: FIELDS },
  },
  {
    name: 'driver show',
    about: 'Show a hardware type',
    args: [driver],
    action: { do: 'show', call: 'driverShow', params: ['driver_name'], fields: FIELDS },
  },
  {
    name: 'driver property list',
    about: 'List what a hardware type needs to know of a node',
    args: [driver],
    action: { do: 'own', run: propertyList('driverProperties') },
    shape: 'rows',
  },
  {
    name: 'driver raid property list',
    about: 'List what can be said of a logical disk',
    args: [driver],
    action: { do: 'own', run: propertyList('driverRaidProperties') },
    shape: 'rows',
  },
  {
    name: 'driver passthru list',
    about: 'List the calls of its own that a hardware type knows',
    args: [driver],
    action: { do: 'own', run: passthruList('driverPassthruMethods', 'driver_name') },
    shape: 'rows',
  },
  {
    name: 'driver passthru call',
    about: 'Make a call of its own of a hardware type',
    args: [driver, { name: 'method', about: 'Name of the call' }],
    options: [
      map('--arg <key=value>', '', 'Argument of the call (repeat it for more)'),
      oneOf(text('--http-method <method>', '', 'POST (preset), PUT, GET, DELETE or PATCH'), [
        'POST',
        'PUT',
        'GET',
        'DELETE',
        'PATCH',
      ]),
    ],
    action: { do: 'own', run: passthruCall('driver', 'driver_name') },
  },
];
