import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { systemClock } from '#kernel/clock';
import { start } from '#kernel/run';
import { Secret } from '#kernel/secret';
import { JoinedNeutron } from '#network/neutron/joined';
import { silentLog } from '#platform/log';
import { type NeutronClient, neutronClient } from '#protocols/neutron/client';
import { openTestStore } from '#store/testing';
import { scratchDir } from '../database.ts';
import { promises, type Subject } from './promises.ts';

// An existing Neutron: Debian's, with its ML2 core, its database and its API, and a mechanism driver without a switch.

const SERVE = fileURLToPath(new URL('./neutron/serve.py', import.meta.url));
const ACCOUNT = {
  userName: 'ironic',
  password: new Secret('x'),
  userDomainName: 'Default',
  projectName: 'service',
  projectDomainName: 'Default',
};

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

async function startNeutron(dir: string): Promise<{ url: string; stop(): void }> {
  const port = await freePort();
  const child = start('setpriv', ['--pdeathsig', 'KILL', '/usr/bin/python3', SERVE, dir, String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (bytes: Buffer) => bytes.toString().includes('ready') && resolve());
    child.stderr?.on('data', (bytes: Buffer) => (said = `${said}${bytes.toString()}`.slice(-4000)));
    child.once('exit', () => reject(new Error(`Neutron ended: ${said}`)));
  });
  return { url: `http://127.0.0.1:${port}`, stop: () => void child.kill('SIGKILL') };
}

/** Logs in as Keystone would; the first token is one that Neutron does not take any more. */
function account() {
  let logins = 0;
  const client = {
    login: async () => ({ token: ++logins === 1 ? 'revoked' : 'judge', expiresAt: systemClock.now() + 3_600_000 }),
    show: async () => null,
    close: async () => {},
  };
  return { client, account: ACCOUNT, logins: () => logins };
}

async function openJoined(): Promise<Subject> {
  const dir = await scratchDir();
  const [db, server] = await Promise.all([openTestStore(), startNeutron(dir)]);
  const keystone = account();
  const neutron: NeutronClient = neutronClient({
    url: `${server.url}/v2.0`,
    clock: systemClock,
    timeoutMs: 30_000,
    keystone,
  });
  const config = { deadlineMs: 20_000, failOnBindingFailure: true, waitActive: true };
  const signal = () => AbortSignal.timeout(30_000);
  const broken = new Set<string>();
  return {
    networks: new JoinedNeutron({ neutron, store: db.store, clock: systemClock, log: silentLog, config }),
    async makeNetwork(name, vlan) {
      const made = await neutron.create(
        'networks',
        {
          name,
          'provider:network_type': 'vlan',
          'provider:physical_network': 'rack1',
          'provider:segmentation_id': vlan,
        },
        signal(),
      );
      expect(keystone.logins()).toBe(2);
      return String(made['id']);
    },
    makeVif: async (network) => String((await neutron.create('ports', { network_id: network }, signal()))['id']),
    async port(id) {
      const found = await neutron.show('ports', id, signal());
      if (found === null) return null;
      const links = (found['binding:profile'] as Record<string, unknown>)['local_link_information'];
      return {
        host: String(found['binding:host_id']),
        mac: String(found['mac_address']),
        vifType: String(found['binding:vif_type']),
        status: String(found['status']),
        links: Array.isArray(links) ? links.length : 0,
      };
    },
    async breakPort(portId, is) {
      if (is) broken.add(portId);
      else broken.delete(portId);
      await writeFile(join(dir, 'broken'), [...broken].join('\n'));
    },
    async close() {
      await neutron.close();
      server.stop();
      await db.close();
    },
  };
}

promises('an existing Neutron', openJoined);
