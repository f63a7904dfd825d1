import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_CONDUCTOR_CONFIG } from '#baremetal/model/conductor-config';
import { type Boot, createBoot } from '#boot/index';
import { systemClock } from '#kernel/clock';
import { silentLog } from '#platform/log';
import { testSealer } from '../life/harness.ts';
import { openRack, type Rack } from './rack.ts';
import { type Ending, installers } from './simulated-installer.ts';

// Installers and diskless instances: the real boot service on loopback, simulated machines that fetch from it what a
// real one would, and a web server with kernel, ramdisk and template.

const ENDINGS: Record<string, Ending> = { m1: 'fails', m2: 'dies', m3: 'restarts' };

let rack: Rack;
let boot: Boot | undefined;
let web: Server;
let webUrl: string;
let bootUrl: string;
let folder: string;
const fetched: string[] = [];
const plug = installers(() => bootUrl, ENDINGS);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingot-anaconda-'));
  web = createServer((request, response) => {
    fetched.push(request.url ?? '');
    const tag = `"${request.url}"`;
    if (request.headers['if-none-match'] === tag) return void response.writeHead(304).end();
    const template = 'text\nliveimg --url {{ ks_options.liveimg_url }}\n# {{ 7*7 }} {{ ks_options.__class__ }}\n';
    response.setHeader('etag', tag);
    response.end(request.url === '/own.ks' ? template : `bytes of ${request.url}`);
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  webUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  const port = await freePort();
  bootUrl = `http://127.0.0.1:${port}`;
  rack = await openRack({
    machines: 7,
    guests: plug,
    bootOn(store, callbackUrl) {
      boot = createBoot({
        store,
        sealer: testSealer(),
        clock: systemClock,
        log: silentLog,
        config: {
          interface: 'lo',
          httpPort: port,
          media: { listen: null, url: null },
          dhcp: 'off',
          range: null,
          range6: null,
          leaseS: 3600,
          routers: [],
          nameservers: [],
          discovery: false,
          methods: ['virtual-media', 'uefi-http', 'ipxe', 'pxe'],
          ramdiskDir: join(folder, 'none'),
          ramdiskName: 'current',
          kernelParameters: [],
          offerMs: 3_600_000,
          attemptMs: 60_000,
          allowedNetworks: ['127.0.0.0/8'],
          maxFileBytes: 1024 ** 2,
          fileFolders: [],
          dataDir: folder,
          callbackUrl,
        },
      });
      return boot.service;
    },
    conductor: {
      stateLimitsMs: { 'wait call-back': 8_000 },
      agent: {
        ...DEFAULT_CONDUCTOR_CONFIG.agent,
        networks: ['127.0.0.0/8'],
        fileNetworks: ['127.0.0.0/8'],
      },
    },
  });
  await boot?.start();
});
afterAll(async () => {
  await boot?.stop();
  await rack.close();
  web.close();
  await rm(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const one = createServer();
  await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
  const { port } = one.address() as AddressInfo;
  await new Promise((resolve) => one.close(resolve));
  return port;
}

async function available(i: number, instance: Record<string, unknown>, more: object = {}): Promise<string> {
  const uuid = await rack.enrol(i, { boot_interface: 'http-ipxe', deploy_interface: 'anaconda', ...more });
  await rack.life.store.query({
    text: `update nodes set provision_state = 'available', instance_info = $2 where uuid = $1`,
    values: [uuid, JSON.stringify(instance)],
  });
  return uuid;
}

const archive = (more: object = {}) => ({
  kernel: `${webUrl}/vmlinuz`,
  ramdisk: `${webUrl}/initrd.img`,
  stage2: `${webUrl}/stage2/`,
  image_source: `${webUrl}/system.tar.gz`,
  ...more,
});

const tokens = (uuid: string) =>
  rack.life.store.query({
    text: 'select 1 from node_agents where node_uuid = $1 and token_hash is not null',
    values: [uuid],
  });

test('installs an archive by a kickstart, and boots what was installed', async () => {
  const uuid = await available(0, archive());
  await rack.life.verb(uuid, 'active');
  await rack.life.until(uuid, 'active', 90_000);
  await expect.poll(() => rack.machine(0).guest?.name, { timeout: 30_000 }).toBe('installed system');
  const [started] = plug.acts.started.filter((one) => one.machine === 'm0');
  expect(started?.line).toContain(`inst.stage2=${webUrl}/stage2/`);
  expect(started?.line).toMatch(/inst\.ks=http:\/\/127\.0\.0\.1:\d+\/b\/[\w-]{22}\/ks\.cfg/);
  const said = plug.acts.reported.filter((one) => one.machine === 'm0');
  expect(said.map((one) => [one.status, one.body['agent_status']])).toEqual([
    [202, 'start'],
    [202, 'end'],
  ]);
  expect(plug.acts.kickstarts.join('\n')).toContain(`liveimg --url ${webUrl}/system.tar.gz`);
  expect(await tokens(uuid)).toEqual([]);
  // Kernel and ramdisk came to the boot host once; the address of the kickstart is worth nothing any more.
  expect(fetched.filter((url) => url === '/vmlinuz').length).toBeGreaterThan(0);
  const ks = /inst\.ks=(\S+)/.exec(started?.line ?? '')?.[1] ?? '';
  expect((await fetch(ks)).status).toBe(404);
  expect((await rack.node(uuid)).driver_internal_info['instance_boot_path']).toBeUndefined();
});

test('an installer that fails, hangs or ends by a restart of its own', async () => {
  const [fails, dies, restarts] = await Promise.all([
    available(1, archive()),
    available(2, archive()),
    available(3, { ...archive(), image_source: `${webUrl}/tree/`, stage2: undefined }),
  ]);
  await Promise.all([fails, dies, restarts].map((uuid) => rack.life.verb(uuid, 'active')));
  await Promise.all([rack.life.until(fails, 'deploy failed', 90_000), rack.life.until(restarts, 'active', 150_000)]);
  expect((await rack.node(fails)).last_error).toMatch(/deploy\.deploy: The installer failed: .*its console says why/);
  expect(rack.machine(1).power).toBe('off');
  expect(await tokens(fails)).toEqual([]);
  expect(plug.acts.started.find((one) => one.machine === 'm3')?.line).toContain(`inst.repo=${webUrl}/tree/`);
  // One that said that it began has hours: nobody gives it up for a heartbeat that does not come. It is aborted here.
  expect((await rack.node(dies)).provision_state).toBe('wait call-back');
  await rack.life.verb(dies, 'deleted');
  await expect.poll(() => tokens(dies), { timeout: 60_000 }).toEqual([]);
  expect((await rack.node(dies)).provision_state).not.toBe('wait call-back');
}, 240_000);

test('takes a template of its own as text, and refuses instances that lack something', async () => {
  const uuid = await available(4, archive({ ks_template: `${webUrl}/own.ks` }));
  await rack.life.verb(uuid, 'active');
  await expect
    .poll(() => plug.acts.kickstarts.some((text) => text.includes('{{ 7*7 }}')), { timeout: 60_000 })
    .toBe(true);
  const own = plug.acts.kickstarts.find((text) => text.includes('{{ 7*7 }}'));
  expect(own).toContain('{{ ks_options.__class__ }}');
  const lacks = await available(5, { kernel: `${webUrl}/vmlinuz` });
  await expect(rack.life.verb(lacks, 'active')).rejects.toThrow(/image_source/);
});

test('a diskless instance boots its kernel by URL each time it starts, until it is undeployed', async () => {
  const uuid = await available(
    6,
    { kernel: `${webUrl}/live-kernel`, ramdisk: `${webUrl}/live-initrd`, kernel_append_params: 'root=live quiet' },
    { deploy_interface: 'ramdisk' },
  );
  await rack.life.verb(uuid, 'active');
  await rack.life.until(uuid, 'active', 60_000);
  const lines = () => plug.acts.started.filter((one) => one.machine === 'm6').map((one) => one.line);
  await expect.poll(lines, { timeout: 30_000 }).toHaveLength(1);
  expect(lines()[0]).toContain('root=live quiet');
  await rack.life.power(uuid, 'rebooting');
  await expect.poll(lines, { timeout: 30_000 }).toHaveLength(2);
});
