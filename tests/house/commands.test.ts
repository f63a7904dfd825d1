import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ingot, launch, root } from './ingot.ts';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

test('--version prints the version', async () => {
  expect(await ingot('--version')).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('--help takes at most four times what Node takes to start, the bootstrap included', () => {
  /** Milliseconds of processor time: on a machine busy with other tests the rest is waiting for a processor. */
  const took = (words: string) => {
    const command = `TIMEFORMAT='%U %S'; time "${process.execPath}" ${words} > /dev/null`;
    const { stderr, status } = spawnSync('bash', ['-c', command], { cwd: root, encoding: 'utf8' });
    expect(status).toBe(0);
    const [user = 1, system = 1] = stderr.trim().split(' ').map(Number);
    return (user + system) * 1000;
  };
  // One beside the other, since a busy processor does less in a second. About 40 ms and 80 ms on a quiet one.
  const pairs = Array.from({ length: 6 }, () => [took('bin/ingot.mjs --help'), took("-e ''")] as const);
  const least = (which: 0 | 1) => Math.min(...pairs.map((pair) => pair[which]));
  expect(least(0)).toBeLessThan(4 * least(1));
});

test('--help loads no code of the server', async () => {
  const trace = await launch({ args: ['--help'], env: { NODE_DEBUG: 'esm' } }).ended;
  expect(trace.stderr).not.toMatch(/fastify|typebox|kysely|dbos|src\/(store|work|http|baremetal)\//);
});

test('a mistyped command is answered with the one that was meant', async () => {
  const { code, stderr } = await ingot('pu');
  expect(code).toBe(1);
  expect(stderr).toContain('Did you mean up?');
});

test('help for a command is help of that command', async () => {
  const { code, stdout } = await ingot('help', 'up');
  expect(code).toBe(0);
  expect(stdout).toContain('--listen <HOST:PORT>');
});

test('config show names the source of each value and masks secrets', async () => {
  const { code, stdout } = await launch({
    args: ['config', 'show', '--format', 'json', '--listen', '127.0.0.1:7000'],
    env: { DATABASE_URL: 'postgresql://ingot:very-secret@db.example.org/ingot', INGOT_LOG_LEVEL: 'debug' },
  }).ended;
  expect(code).toBe(0);
  expect(stdout).not.toContain('very-secret');
  expect((JSON.parse(stdout) as { settings: object }).settings).toMatchObject({
    'api.listen': { value: '127.0.0.1:7000', source: 'flag --listen' },
    'database.url': { value: '******', source: 'environment DATABASE_URL' },
    log_level: { value: 'debug', source: 'environment INGOT_LOG_LEVEL' },
    'conductor.group': { value: '', source: 'default' },
  });
});

test('doctor finds what is good and what is bad, and says what to do', async () => {
  const healthy = await ingot('doctor', '--format', 'json', '--data-dir', '/tmp', '--listen', '127.0.0.1:0');
  const findings = JSON.parse(healthy.stdout) as { what: string; state: string; remedy?: string }[];
  expect(findings.map((finding) => finding.what)).toEqual(
    expect.arrayContaining(['Node', 'Memory', 'Disk', 'Disk speed', 'PostgreSQL', 'API port', 'ipmitool']),
  );
  const broken = await ingot('doctor', '--listen', '203.0.113.7:6385', '--data-dir', '/etc/passwd/ingot');
  expect(broken.code).toBe(1);
  expect(broken.stdout).toContain('203.0.113.7:6385: this machine has no such address');
  expect(broken.stdout).toMatch(/BAD +Data directory/);
});
