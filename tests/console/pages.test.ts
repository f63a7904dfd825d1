import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLab, type Lab } from '#lab/up';
import { tinyGuest } from '../lab/guest.ts';
import { PASSWORD, USER } from '../drivers/rack.ts';
import { type Cloud, cloud, recording } from './cloud.ts';

let one: Cloud;
let lab: Lab;
let browser: Browser;
const WAIT = { timeout: 120_000, interval: 200 };
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

beforeAll(async () => {
  const kernel = await tinyGuest('page');
  lab = await startLab({
    machines: [
      {
        name: 'page',
        mode: 'bios',
        memoryMiB: 256,
        vnc: true,
        ssh: 'direct',
        disks: [{ bus: 'nvme' }],
        nics: [{ link: { kind: 'user' } }],
        directKernel: kernel,
      },
    ],
    credentials: { name: USER, password: PASSWORD },
    control: null,
  });
  one = await cloud();
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await one?.close();
  await lab?.close();
});

/** A page that must hold to its policy and load nothing from elsewhere. */
async function pageOf(url: string): Promise<{ page: Page; wrong: string[] }> {
  const wrong: string[] = [];
  const page = await browser.newPage({ viewport: { width: 1000, height: 700 } });
  const origin = new URL(url).origin;
  page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(message.text());
  });
  page.on('request', (request) => {
    const { origin: to, protocol } = new URL(request.url());
    if (to !== origin && protocol.startsWith('http')) wrong.push(`asked ${request.url()}`);
  });
  await page.goto(url);
  return { page, wrong };
}

const shot = (page: Page, name: string) =>
  process.env['INGOT_SHOTS'] === undefined
    ? Promise.resolve()
    : page.screenshot({ path: `${process.env['INGOT_SHOTS']}/${name}.png` });

test('a machine is used through the pages: its serial line and its screen', { timeout: 400_000 }, async () => {
  const machine = lab.machine('page');
  const uuid = await one.enrol({ redfish: machine.redfish, ipmi: machine.ipmi } as never, 'redfish');
  await recording(one, uuid);
  await one.ask('PUT', `/v1/nodes/${uuid}/states/console`, { enabled: true });
  await one.ask('PUT', `/v1/nodes/${uuid}/states/power`, { target: 'power on' });
  await expect.poll(() => one.log(uuid), { timeout: 240_000, interval: 500 }).toContain('GUEST-READY');

  const asked = await one.ask<{ session: { page: string } }>('POST', `/console/v1/nodes/${uuid}/sessions`, {});
  const { page, wrong } = await pageOf(asked.session.page);
  const shown = () => page.evaluate<string>(`window.shownText ? window.shownText() : ''`);
  await expect.poll(shown, WAIT).toContain('GUEST-READY');
  expect(page.url()).not.toContain('token');
  await page.keyboard.type('echo sum-$((40+2))\n');
  await expect.poll(shown, WAIT).toContain('sum-42');
  await expect.poll(() => one.log(uuid, '?tail=5'), WAIT).toContain('sum-42');
  await shot(page, 'serial');
  expect(wrong).toEqual([]);

  const screen = await one.ask<{ session: { page: string } }>('POST', `/console/v1/nodes/${uuid}/sessions`, {
    kind: 'screen',
  });
  const { page: view, wrong: wrongThere } = await pageOf(screen.session.page);
  await expect.poll(() => view.getAttribute('body', 'data-rfb'), WAIT).toBe('connected');
  await view.waitForSelector('body[data-writes=true]', { timeout: 30_000 });
  // Bright pixels: how much is written on the screen.
  const written = () =>
    view.evaluate<number>(`(() => {
      const canvas = document.querySelector('canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let sum = 0;
      for (let i = 0; i < data.length; i += 4) if (data[i] > 100) sum++;
      return sum;
    })()`);
  await expect.poll(written, WAIT).toBeGreaterThan(100);
  // Without its system the firmware itself listens to the keyboard behind the screen: Ctrl+Alt+Del makes it start again.
  await one.ask('PUT', `/v1/nodes/${uuid}/management/boot_device`, { boot_device: 'pxe', persistent: false });
  await one.ask('PUT', `/v1/nodes/${uuid}/states/power`, { target: 'rebooting' });
  await expect.poll(() => view.textContent('#state'), WAIT).toContain('disconnected');
  await expect.poll(() => machine.machine.power, WAIT).toBe('on');
  await view.click('#again');
  await expect.poll(() => view.textContent('#writer'), WAIT).toBe('you write');
  await view.waitForSelector('canvas', { timeout: 120_000 });
  await expect.poll(written, WAIT).toBeGreaterThan(100);
  const resets = () => lab.ledger.list({ machine: 'page', action: 'boot.guest-reset' }).length;
  expect(resets()).toBe(0);
  await expect
    .poll(
      async () => {
        await view.click('#keys');
        await view.waitForTimeout(2_000);
        return resets();
      },
      { timeout: 120_000, interval: 100 },
    )
    .toBeGreaterThan(0);
  await shot(view, 'screen');
  expect(wrongThere).toEqual([]);

  // QEMU's screen ends with each start; whoever wants connects again.
  await expect
    .poll(
      async () => {
        if (await view.isVisible('#again')) await view.click('#again');
        await view.waitForTimeout(1_000);
        return view.textContent('#writer');
      },
      { timeout: 120_000, interval: 100 },
    )
    .toBe('you write');

  // Switched off, both pages say so within seconds.
  await one.ask('PUT', `/v1/nodes/${uuid}/states/console`, { enabled: false });
  await expect.poll(() => page.textContent('#state'), WAIT).toContain('switched off');
  await expect.poll(() => view.textContent('#state'), WAIT).toContain('switched off');
});
