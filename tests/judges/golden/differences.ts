import type { Difference } from './compare.ts';

/** Where Ingot departs from Ironic 21.4 on purpose. docs/differences.md says the same to people. */
export const differences: readonly Difference[] = [
  { cases: '*', path: 'headers.x-openstack-ironic-api-maximum-version', reason: 'Ingot speaks up to 1.115' },
  { cases: 'version latest', path: 'headers.x-openstack-ironic-api-version', reason: 'the latest version is 1.115' },
  { cases: 'root', path: 'body.default_version.version', reason: 'Ingot speaks up to 1.115' },
  { cases: 'root', path: 'body.versions.0.version', reason: 'Ingot speaks up to 1.115' },
  { cases: 'root', path: 'body.description', reason: 'says what answers' },
  { cases: 'v1 *', path: 'body.version.version', reason: 'Ingot speaks up to 1.115' },
  { cases: 'root', path: 'headers', reason: 'the root tells the versions in headers too, as Ironic since 2024' },
  { cases: '*', path: 'body.conductor', reason: 'the name of the conductor host' },
  { cases: '*', path: 'body.nodes.*.conductor', reason: 'the name of the conductor host' },
  { cases: '*', path: 'body.next', reason: 'the link to the next page keeps every filter, and only what was asked' },
  { cases: 'nodes *', path: 'body.next', reason: 'the same' },
  {
    cases: '*',
    path: 'body.reservation',
    reason: 'Ironic shows the lock its own answer was made under; an edit here holds no lock',
  },
  { cases: 'malformed json', path: 'status', reason: "a client's mistake is 400, not 500" },
  { cases: 'malformed json', path: 'body', reason: "a client's mistake is 400, not 500" },
  { cases: 'node states unknown child', path: 'status', reason: 'an unknown URL is 404, not 500' },
  { cases: 'node states unknown child', path: 'body', reason: 'an unknown URL is 404, not 500' },
  { cases: 'portgroup delete with ports', path: 'status', reason: 'the 400 that Ironic means, not its 500' },
  { cases: 'portgroup delete with ports', path: 'body', reason: 'the 400 that Ironic means, not its 500' },
  { cases: 'method not allowed', path: 'status', reason: 'DELETE on a collection is 405' },
  { cases: 'method not allowed', path: 'body', reason: 'DELETE on a collection is 405' },
  { cases: 'method not allowed', path: 'headers.allow', reason: 'a 405 says what is allowed' },
  { cases: 'head', path: 'headers', reason: 'every answer bears the version headers, and a 405 says what is allowed' },
  { cases: 'unknown url', path: 'headers', reason: 'every answer bears the version headers' },
  { cases: 'xml wanted', path: 'headers', reason: 'every answer bears the version headers' },
  {
    cases: 'node validate*',
    path: 'body.firmware',
    reason: 'the firmware interface came with 1.86; validation shows all interfaces',
  },
  { cases: 'node validate*', path: 'body.vendor', reason: 'validation shows all interfaces' },
  // An endpoint that the asked version does not have yet: the same status, and the headers all answers bear.
  ...[
    'vifs by version',
    'bios by version',
    'history by version',
    'portgroup*',
    'connector',
    'target',
    'shards by version',
    'template by version',
    'allocation *',
    'volume by version',
    'conductors by version',
    'portgroups by version',
  ].map(
    (cases): Difference => ({
      cases,
      path: 'headers.x-openstack-ironic-api-minimum-version',
      reason: 'every answer bears the version headers',
    }),
  ),
  ...[
    'nmi 1.28',
    'boot mode 1.75',
    'portgroups by version',
    'volume by version',
    'conductors by version',
    'lookup 1.21',
  ].map(
    (cases): Difference => ({
      cases,
      path: 'body.error_message',
      reason: 'the same status, in the form of the router',
    }),
  ),
  { cases: 'history by version', path: 'headers', reason: 'every answer bears the version headers' },
  { cases: 'allocation create 1.51', path: 'headers', reason: 'every answer bears the version headers' },
  { cases: 'portgroup 1.22', path: 'body', reason: 'the same status, in the form of the router' },
  { cases: 'events 1.53', path: 'status', reason: 'events are not there before 1.54, whatever the body' },
  { cases: 'events 1.53', path: 'body', reason: 'events are not there before 1.54, whatever the body' },
  // Fake hardware: ours has a state that lasts, Ironic's has none.
  { cases: 'boot device*', path: 'body', reason: 'fake hardware remembers its boot device, and has more of them' },
  { cases: 'passthru methods', path: 'body', reason: 'fake hardware lists all its methods' },
  ...['after *', 'patch *', 'node into chassis'].flatMap((cases) =>
    [
      'power_state',
      'boot_mode',
      'secure_boot',
      'inspection_started_at',
      'properties',
      'traits',
      'driver_internal_info',
    ].map(
      (field): Difference => ({
        cases,
        path: `body.${field}`,
        reason:
          'fake hardware has power, firmware settings and an inventory that can be read, and rests powered off after cleaning',
      }),
    ),
  ),
  { cases: 'driver* by version', path: 'body.drivers.0.hosts', reason: 'the name of the conductor host' },
  { cases: 'drivers by version', path: 'body.drivers.0.hosts', reason: 'the name of the conductor host' },
  { cases: 'driver by version', path: 'body.hosts', reason: 'the name of the conductor host' },
  ...['inspect', 'network', 'deploy', 'storage', 'rescue', 'bios', 'raid', 'console', 'vendor', 'management'].map(
    (kind): Difference => ({
      cases: 'driver by version',
      path: `body.enabled_${kind}_interfaces`,
      reason: 'interfaces are listed best first; fake hardware can use a few more of the empty ones',
    }),
  ),
  { cases: 'driver properties', path: 'body', reason: 'fake hardware can be told to be slow and to fail' },
  { cases: 'driver raid properties', path: 'body', reason: 'texts of our own' },
  { cases: 'conductors by version', path: 'body.conductors.0', reason: 'the name of the conductor host' },
  { cases: 'port by address', path: '', reason: 'a port is found by its address too, as in Ironic since 2024' },
];
