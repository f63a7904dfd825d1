import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { breaches } from '../checks/walls.ts';
import { RUNTIME_RULES, SOURCE_RULES } from './walls.ts';

/** For each rule a file and what it must not import. */
const BAD: Record<string, [file: string, imports: string]> = {
  'no-circles': ['src/kernel/circle-a.ts', './circle-b.ts'],
  'no-lost-imports': ['src/kernel/lost.ts', './nowhere.ts'],
  'declared-packages': ['src/http/undeclared.ts', 'undeclared'],
  'no-tests-in-program': ['src/kernel/borrows.ts', './sample.test.ts'],
  'kernel-imports': ['src/kernel/up.ts', '../platform/log.ts'],
  'kernel-builtins-only': ['src/kernel/package.ts', 'pino'],
  'platform-imports': ['src/platform/up.ts', '../store/tx.ts'],
  'builder-imports': ['src/builder/up.ts', '../store/tx.ts'],
  'protocols-imports': ['src/protocols/redfish/up.ts', '../../platform/log.ts'],
  'store-imports': ['src/store/up.ts', '../work/engine.ts'],
  'work-imports': ['src/work/up.ts', '../http/server.ts'],
  'http-imports': ['src/http/down.ts', '../store/tx.ts'],
  'agent-api-imports': ['src/agent-api/up.ts', '../platform/log.ts'],
  'agent-imports': ['src/agent/up.ts', '../protocols/redfish/client.ts'],
  'sdk-imports': ['src/sdk/up.ts', '../http/server.ts'],
  'cli-imports': ['src/cli/down.ts', '../http/server.ts'],
  'dashboard-imports': ['src/dashboard/down.ts', '../kernel/clock.ts'],
  'contracts-imports': ['src/contracts/up.ts', '../store/tx.ts'],
  'lab-imports': ['src/lab/cheats.ts', '../protocols/redfish/client.ts'],
  'below-knows-no-service': ['src/work/knows.ts', '../baremetal/model/node.ts'],
  'services-imports': ['src/baremetal/app/up.ts', '../../app.ts'],
  'siblings-apart': ['src/baremetal/app/sibling.ts', '../../identity/index.ts'],
  'nobody-imports-app': ['src/http/app.ts', '../app.ts'],
  'operate-imports': ['src/operate/knows.ts', '../baremetal/model/node.ts'],
  'api-above-app': ['src/baremetal/app/looks-up.ts', '../api/routes.ts'],
  'app-above-rest': ['src/baremetal/store/looks-up.ts', '../app/verb.ts'],
  'model-pure': ['src/baremetal/model/stores.ts', '../store/rows.ts'],
  'states-pure': ['src/baremetal/states/stores.ts', '../store/rows.ts'],
  'store-no-drivers': ['src/baremetal/store/drives.ts', '../drivers/redfish.ts'],
  'drivers-no-store': ['src/baremetal/drivers/stores.ts', '../store/rows.ts'],
  'switch-drivers-no-store': ['src/network/switch/drivers/queries.ts', '../../../store/tx.ts'],
  'ssh-and-grpc-in-protocols': ['src/network/switch/calls.ts', 'ssh2'],
  'drivers-no-database': ['src/baremetal/drivers/queries.ts', '../../store/tx.ts'],
  'pg-only-in-store': ['src/baremetal/store/own-pool.ts', 'pg'],
  'engine-only-in-work': ['src/baremetal/workflows/engine.ts', '@dbos-inc/dbos-sdk'],
  'server-only-in-http': ['src/identity/api/server.ts', 'fastify'],
  'undici-only-in-protocols': ['src/baremetal/drivers/request.ts', 'undici'],
  'commander-only-in-commands': ['src/http/commands.ts', 'commander'],
  'children-only-in-run': ['src/store/child.ts', 'node:child_process'],
  'timers-only-in-clock': ['src/store/timer.ts', 'node:timers/promises'],
  'dashboard-no-node': ['src/dashboard/files.ts', 'node:fs'],
};

/** What the bad files import, and how it is done rightly. */
const GOOD: Record<string, string> = {
  'src/kernel/circle-b.ts': "import './circle-a.ts';",
  'src/kernel/sample.test.ts': '',
  'src/kernel/clock.ts': "import { setTimeout } from 'node:timers';\nexport const at = setTimeout;",
  'src/kernel/run.ts': "import 'node:child_process';",
  'src/platform/log.ts': "import 'pino';\nimport '#kernel/clock';",
  'src/store/tx.ts':
    "import 'pg';\nimport '#platform/log';\nexport function f(open: () => Disposable) {\n  using it = open();\n  return it;\n}",
  'src/work/engine.ts': "import '@dbos-inc/dbos-sdk';\nimport '#store/tx';",
  'src/http/server.ts': "import 'fastify';\nimport '#platform/log';",
  'src/protocols/redfish/client.ts': "import 'undici';\nimport '#kernel/clock';",
  'src/identity/index.ts': "import '#http/server';",
  // A circle of types only: gone when the program runs.
  'src/baremetal/model/node.ts': "import type { Port } from './port.ts';\nexport interface Node { ports: Port[] }",
  'src/baremetal/model/port.ts': "import type { Node } from './node.ts';\nexport interface Port { node: Node }",
  'src/baremetal/app/verb.ts':
    "import '../model/node.ts';\nimport '../store/rows.ts';\nimport '../drivers/redfish.ts';",
  'src/baremetal/store/rows.ts': "import '#store/tx';",
  'src/baremetal/drivers/redfish.ts': "import '#protocols/redfish/client';",
  'src/baremetal/api/routes.ts': "import '../app/verb.ts';\nimport '#http/server';",
  'src/cli/list.ts': "export const load = () => import('./command.ts');",
  'src/cli/command.ts': "import './list.ts';",
  'src/app.ts': "import '#baremetal/api/routes';\nimport '#identity/index';",
};

const manifest = {
  name: 'walls',
  version: '1.0.0',
  type: 'module',
  imports: Object.fromEntries(
    ['kernel', 'platform', 'store', 'work', 'http', 'protocols', 'identity', 'baremetal'].map((room) => [
      `#${room}/*`,
      `./src/${room}/*.ts`,
    ]),
  ),
  dependencies: Object.fromEntries(
    ['pg', 'pino', 'fastify', 'undici', 'commander', 'ssh2', '@dbos-inc/dbos-sdk'].map((name) => [name, '*']),
  ),
};

let root = '';
let found: string[] = [];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ingot-walls-test-'));
  writeFileSync(join(root, 'package.json'), JSON.stringify(manifest));
  const modules = join(root, 'node_modules');
  mkdirSync(join(modules, '@dbos-inc'), { recursive: true });
  for (const name of [...Object.keys(manifest.dependencies), 'undeclared']) {
    const target = join(modules, name);
    mkdirSync(target, { recursive: true });
    writeFileSync(join(target, 'package.json'), JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    writeFileSync(join(target, 'index.js'), '');
  }
  const files: Record<string, string> = { ...GOOD };
  for (const [file, imports] of Object.values(BAD)) files[file] = `import '${imports}';\n`;
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  found = await breaches(root, Object.keys(files));
}, 30_000);

afterAll(() => rmSync(root, { recursive: true }));

test('each rule has a bad import to bite', () => {
  const names = [...SOURCE_RULES, ...RUNTIME_RULES].map((rule) => rule.name);
  expect(Object.keys(BAD).sort()).toEqual([...names].sort());
});

test.for(Object.entries(BAD))('%s bites', ([rule, [file]]) => {
  expect(found.filter((breach) => breach.startsWith(`${file} → `) && breach.includes(`: ${rule}: `))).not.toEqual([]);
});

test('what is right is let through', () => {
  const wrong = found.filter((breach) => Object.keys(GOOD).some((file) => breach.startsWith(`${file} → `)));
  // circle-b is the other half of the bad circle-a.
  expect(wrong.filter((breach) => !breach.startsWith('src/kernel/circle-b.ts'))).toEqual([]);
});
