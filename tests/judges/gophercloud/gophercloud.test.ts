import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { run } from '#kernel/run';
import { scratch, ready } from '../../house/ingot.ts';

// gophercloud, the Go SDK under Terraform's provider and Metal3's operator, against the running program. Debian has
// its version 0.12; the judge is a small Go program beside this file, built once for each state of its text.

const GO = '/usr/bin/go';
const SOURCES = '/usr/share/gocode';
const installed = existsSync(GO) && existsSync(join(SOURCES, 'src/github.com/gophercloud/gophercloud'));
const source = join(import.meta.dirname, 'main.go');
const place = scratch();
let judge: string;

async function build(): Promise<string> {
  const digest = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `ingot-gophercloud-${process.getuid?.() ?? 0}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const built = join(folder, digest);
  if (existsSync(built)) return built;
  const draft = `${built}.${process.pid}`;
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    GO111MODULE: 'off',
    GOPATH: SOURCES,
    GOCACHE: join(folder, 'cache'),
    // Without a word on cgo: what Debian has compiled of Go's own packages is used then, a third of the work.
    GOFLAGS: '',
  };
  await run(GO, ['build', '-o', draft, source], { timeoutMs: 400_000, env });
  renameSync(draft, built);
  return built;
}

beforeEach((context) => context.skip(!installed, 'because golang-github-gophercloud-gophercloud-dev is not installed'));
beforeAll(async () => {
  if (installed) judge = await build();
}, 420_000);
afterAll(() => place[Symbol.dispose]());

test.each(['none', 'http_basic', 'keystone'] as const)(
  'gophercloud lives a whole life with auth %s',
  async (auth) => {
    const dataDir = join(place.path, auth);
    const running = await ready(dataDir, { args: ['--auth', auth], deadlineMs: 400_000 });
    const password = auth === 'none' ? '-' : readFileSync(join(dataDir, 'admin-password'), 'utf8').trim();
    try {
      const { stdout } = await run(judge, [auth, running.url, password], { timeoutMs: 240_000 });
      const seen = JSON.parse(stdout) as Record<string, unknown>;
      expect(seen).toMatchObject({
        drivers: expect.arrayContaining(['fake-hardware', 'redfish', 'ipmi']),
        created: 'enroll',
        driver_info: { fake_password: '******' },
        pxe_enabled: false,
        ports: ['52:54:00:99:00:01'],
        manageable: true,
        available: true,
        'power valid': true,
        'boot device': 'pxe',
        'boot devices': true,
        allocation: ['active', true],
        instance_info: { image_source: 'http://example.org/image' },
        active: true,
        power: 'power off',
        rescue: true,
        nodes: 2,
        'pages followed': 1,
        'by marker': [expect.any(String), 'gopher-2'],
        '404': true,
      });
      if (auth !== 'keystone') expect(seen['default version']).toBe('1.115');
      if (auth === 'none') {
        expect(seen).toMatchObject({
          'introspection finished': true,
          'introspection data': [16, 'x86_64', 65_536, 1, 1],
          reapplied: ['finished', ''],
        });
      }
    } finally {
      await running.stop();
    }
  },
  420_000,
);
