import type { IForbiddenRuleType } from 'dependency-cruiser';

// Which room may import which, for dependency-cruiser: kernel ← protocols, platform ← store ← work;
// http → platform; services → work, store, http, protocols, contracts; app.ts → all.
// `walls.test.ts` feeds each rule one bad import.

type Rule = IForbiddenRuleType & { name: string; comment: string };

const SERVICES = ['identity', 'image', 'network', 'volume', 'compute', 'failover', 'console', 'boot', 'baremetal'];
const services = `^src/(${SERVICES.join('|')})/`;
/** Rooms below the services; none of them knows a service. */
const BELOW = ['kernel', 'platform', 'protocols', 'store', 'work', 'http', 'agent-api', 'contracts'];
const product = '^src/';
const tests = '\\.test\\.ts$|/testing\\.ts$|/(testing|conformance)/';
const npm = (...names: string[]) => `(^|/)node_modules/(${names.join('|')})(/|$)`;

/** `room` imports of ours only `allowed` and itself. */
const onlyImports = (room: string, allowed: readonly string[]): Rule => ({
  name: `${room}-imports`,
  comment: `${room} may import ${allowed.length === 0 ? 'no other room' : allowed.join(', ')}.`,
  severity: 'error',
  from: { path: `^src/${room}/`, pathNot: tests },
  to: { path: product, pathNot: [room, ...allowed].map((name) => `^src/${name}(/|\\.ts$)`) },
});

/** Only `rooms` import the packages `names`. */
const onlyIn = (name: string, why: string, names: readonly string[], rooms: readonly string[]): Rule => ({
  name,
  comment: why,
  severity: 'error',
  from: { path: product, pathNot: [tests, ...rooms.map((room) => `^src/${room}`)] },
  to: { path: npm(...names) },
});

/** Inside a service: files of the folder `from` never import `to`. */
const layer = (name: string, comment: string, from: string, to: Record<string, string>): Rule => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^src/(${SERVICES.join('|')})/${from}/`, pathNot: tests },
  to,
});
const own = (...folders: string[]) => ({ path: `^src/$1/(${folders.join('|')})/` });

/** Rules on what runs: imports that only name types are gone (`walls-check.ts` strips them as Node does). */
export const RUNTIME_RULES: readonly Rule[] = [
  {
    name: 'no-circles',
    comment: 'A circle of imports means that two files are one idea, or that one of them stands in the wrong room.',
    severity: 'error',
    from: { path: '^(src|bin|tools)/' },
    // A module loaded when it is used (a command) may know the list it stands in.
    to: { circular: true, viaOnly: { dependencyTypesNot: ['dynamic-import'] } },
  },
  {
    name: 'no-lost-imports',
    comment: 'The import resolves to nothing.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true, pathNot: '^bun:' },
  },
  {
    name: 'declared-packages',
    comment: 'The program imports only packages that its package.json lists as dependencies.',
    severity: 'error',
    from: { path: product, pathNot: [tests, '^src/dashboard/'] },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'kernel-builtins-only',
    comment: 'The agent in the ramdisk uses the kernel: Node built-ins only.',
    severity: 'error',
    from: { path: '^src/(kernel|agent|agent-api)/', pathNot: tests },
    to: { path: npm('.*') },
  },
  {
    name: 'children-only-in-run',
    comment: 'Children are started by kernel/run.ts: deadlines, size limits, no shell.',
    severity: 'error',
    from: { path: product, pathNot: [tests, '^src/kernel/run\\.ts$'] },
    to: { path: '^(node:)?child_process$' },
  },
  {
    name: 'timers-only-in-clock',
    comment: 'Time comes from kernel/clock.ts.',
    severity: 'error',
    from: { path: product, pathNot: [tests, '^src/kernel/clock\\.ts$'] },
    to: { path: '^(node:)?timers(/promises)?$' },
  },
];

/** Rules on everything a file names, types as well: what a room knows of another. */
export const SOURCE_RULES: readonly Rule[] = [
  {
    name: 'no-tests-in-program',
    comment: 'Test files and test helpers are not part of the program.',
    severity: 'error',
    from: { path: product, pathNot: tests },
    to: { path: `${tests}|^tests/` },
  },

  onlyImports('kernel', []),
  onlyImports('platform', ['kernel']),
  onlyImports('protocols', ['kernel']),
  onlyImports('builder', ['kernel']),
  onlyImports('store', ['platform', 'kernel']),
  onlyImports('work', ['store', 'platform', 'kernel']),
  onlyImports('http', ['platform', 'kernel']),
  onlyImports('agent-api', ['kernel']),
  onlyImports('agent', ['agent-api', 'kernel']),
  onlyImports('sdk', ['kernel']),
  onlyImports('cli', ['sdk', 'operate', 'platform', 'kernel']),
  onlyImports('dashboard', ['sdk']),
  {
    name: 'contracts-imports',
    comment: 'contracts/ holds what services ask of one another: types, made of kernel, http and store contracts.',
    severity: 'error',
    from: { path: '^src/contracts/', pathNot: tests },
    to: { path: product, pathNot: ['^src/contracts/', '^src/kernel/', '^src/(http|store|work)/contract\\.ts$'] },
  },
  {
    name: 'lab-imports',
    comment: 'The lab shares no code with what it is there to test: kernel and protocols/qmp only.',
    severity: 'error',
    from: { path: '^src/lab/', pathNot: tests },
    to: { path: product, pathNot: ['^src/lab/', '^src/kernel/', '^src/protocols/qmp/'] },
  },
  {
    name: 'below-knows-no-service',
    comment: 'Rooms that services stand on know none of them.',
    severity: 'error',
    from: { path: `^src/(${BELOW.join('|')})/`, pathNot: tests },
    to: { path: services },
  },
  {
    name: 'services-imports',
    comment: 'Services may import work, store, http, protocols, platform, contracts, agent-api and kernel.',
    severity: 'error',
    from: { path: services, pathNot: tests },
    to: { path: '^src/(app\\.ts|app/|lab/|sdk/|cli/|operate/|dashboard/|agent/)' },
  },
  {
    name: 'siblings-apart',
    comment: 'Sibling services never import each other: they say in contracts/ what they ask, and app.ts plugs.',
    severity: 'error',
    from: { path: `^src/(${SERVICES.join('|')})/`, pathNot: tests },
    to: { path: services, pathNot: '^src/$1/' },
  },
  {
    name: 'nobody-imports-app',
    comment: 'app.ts is the composition root; only operate starts it.',
    severity: 'error',
    from: { path: product, pathNot: [tests, '^src/operate/', '^src/app(\\.ts$|/)'] },
    to: { path: '^src/app(\\.ts$|/)' },
  },
  {
    name: 'operate-imports',
    comment:
      'operate starts the program through app.ts, and the lab; builds ramdisks; looks at the store; knows no service.',
    severity: 'error',
    from: { path: '^src/operate/', pathNot: tests },
    to: {
      path: product,
      pathNot: ['^src/(operate|store|platform|kernel|protocols|lab|builder)/', '^src/app\\.ts$', '^src/cli/'],
    },
  },

  layer(
    'api-above-app',
    'api → app: nothing inside a service imports its api.',
    '(app|model|store|workflows|drivers)',
    own('api'),
  ),
  layer(
    'app-above-rest',
    'app → {store, model, workflows, drivers}: none of these imports app.',
    '(model|store|drivers)',
    own('app'),
  ),
  layer(
    'model-pure',
    'model is pure rules: no store, workflows, drivers.',
    'model',
    own('store', 'workflows', 'drivers'),
  ),
  layer('states-pure', 'states is a pure table.', 'states', own('api', 'app', 'store', 'workflows', 'drivers')),
  layer('store-no-drivers', 'Queries never talk to machines.', 'store', own('drivers', 'workflows')),
  layer('drivers-no-store', 'Drivers never touch the database.', 'drivers', own('store', 'workflows')),
  layer('drivers-no-database', 'Drivers never touch the database.', 'drivers', { path: '^src/store/' }),

  onlyIn('pg-only-in-store', 'Only the store speaks to PostgreSQL.', ['pg', 'pg-[^/]+'], ['store/']),
  onlyIn('engine-only-in-work', 'Only work knows the workflow engine.', ['@dbos-inc'], ['work/']),
  onlyIn(
    'server-only-in-http',
    'Only http and console know the web server.',
    ['fastify', '@fastify', 'ws'],
    ['http/', 'console/'],
  ),
  onlyIn(
    'undici-only-in-protocols',
    'Requests go out through protocols/, past one guard.',
    ['undici'],
    ['protocols/', 'sdk/', 'cli/'],
  ),
  {
    name: 'switch-drivers-no-store',
    comment: 'Drivers of switches never touch the database.',
    severity: 'error',
    from: { path: '^src/network/switch/(drivers|model)/', pathNot: tests },
    to: { path: '^src/store/|^src/network/(switch/)?store/' },
  },
  onlyIn(
    'ssh-and-grpc-in-protocols',
    'SSH, gRPC and XML are spoken in protocols/, and by the lab that answers.',
    ['ssh2', '@grpc', 'fast-xml-parser'],
    ['protocols/', 'lab/'],
  ),
  onlyIn('commander-only-in-commands', 'Only commands parse a command line.', ['commander'], ['cli/', 'operate/']),
  {
    name: 'dashboard-no-node',
    comment: 'The dashboard runs in a browser.',
    severity: 'error',
    from: { path: '^src/dashboard/' },
    to: { dependencyTypes: ['core'] },
  },
];
