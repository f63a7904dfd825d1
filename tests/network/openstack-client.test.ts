import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_PASSWORD, type Json, type NetworkCloud, openNetworkCloud } from './cloud.ts';

// What people type: Debian's `openstack`, many commands in one process, as a member of a project.

const PYTHON = '/usr/bin/python3';
const installed = existsSync('/usr/bin/openstack');
const SCRIPT = join(import.meta.dirname, '../judges/clients/osc.py');

let cloud: NetworkCloud;
let openstack: ReturnType<typeof shell>;

function shell(url: string, user: string, project: string) {
  const login: Record<string, string> = {
    OS_AUTH_URL: `${url}/identity/v3`,
    OS_USERNAME: user,
    OS_PASSWORD: ADMIN_PASSWORD,
    OS_PROJECT_NAME: project,
    OS_USER_DOMAIN_ID: 'default',
    OS_PROJECT_DOMAIN_ID: 'default',
    OS_IDENTITY_API_VERSION: '3',
  };
  const child = spawn(PYTHON, [SCRIPT], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', LANG: 'C.UTF-8', ...login },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const say = async (words: string): Promise<{ code: number; out: string; err: string }> => {
    child.stdin.write(`${JSON.stringify(words.split(' '))}\n`);
    const { value } = await lines.next();
    return JSON.parse(value as string) as { code: number; out: string; err: string };
  };
  return {
    say,
    /** A command that must succeed. */
    async run(words: string): Promise<string> {
      const { code, out, err } = await say(words);
      expect(code, `openstack ${words}: ${err}`).toBe(0);
      return out;
    },
    async json(words: string): Promise<Json> {
      return JSON.parse(await this.run(`${words} -f json`));
    },
    close: () => child.stdin.end(),
  };
}

describe("Debian's openstack client, on networks", () => {
  beforeEach((context) => context.skip(!installed, 'python3-openstackclient is not installed'));
  beforeAll(async () => {
    if (!installed) return;
    cloud = await openNetworkCloud();
    await cloud.project('one');
    openstack = shell(cloud.url, 'one-member', 'one');
  }, 240_000);
  afterAll(async () => {
    if (!installed) return;
    openstack.close();
    await cloud.close();
  });

  it('makes what a tenant needs, looks at it, changes it and takes it away', async () => {
    expect(await openstack.json('network create n --mtu 1400 --description first')).toMatchObject({
      name: 'n',
      mtu: 1400,
    });
    const subnet = await openstack.json(
      'subnet create s --network n --subnet-range 10.0.0.0/24 --dns-nameserver 9.9.9.9 --host-route destination=10.9.0.0/16,gateway=10.0.0.9',
    );
    expect(subnet).toMatchObject({ gateway_ip: '10.0.0.1', dns_nameservers: ['9.9.9.9'] });
    const group = await openstack.json('security group create web');
    expect(group.name).toBe('web');
    await openstack.run('security group rule create web --protocol tcp --dst-port 80:443 --remote-ip 192.0.2.0/24');
    expect(await openstack.json('security group rule list web')).toHaveLength(3);
    const port = await openstack.json(
      'port create p --network n --security-group web --fixed-ip subnet=s,ip-address=10.0.0.50 --tag x',
    );
    expect(port).toMatchObject({ name: 'p', security_group_ids: [group.id], fixed_ips: [{ ip_address: '10.0.0.50' }] });
    await openstack.run('port set p --name q --allowed-address ip-address=10.0.0.99');
    expect(await openstack.json('port list --network n --fixed-ip ip-address=10.0.0.50')).toMatchObject([
      { Name: 'q' },
    ]);
    await openstack.run('port unset q --security-group web');
    const failed = await openstack.say('network delete n');
    expect(failed.code).not.toBe(0);
    expect(failed.err + failed.out).toContain('ports still in use');
    expect(await openstack.json('subnet list --network n')).toHaveLength(1);
    await openstack.run('subnet set s --no-dns-nameservers --gateway none');
    await openstack.run('network set n --name m');
    expect(await openstack.json('network show m')).toMatchObject({ description: 'first', subnets: [subnet.id] });
    expect(await openstack.run('network list -f value -c Name')).toBe('m\n');
    expect(await openstack.json('subnet pool create pool --pool-prefix 10.64.0.0/16')).toMatchObject({
      prefixes: ['10.64.0.0/16'],
    });
    for (const words of [
      'port delete q',
      'subnet delete s',
      'network delete m',
      'security group delete web',
      'subnet pool delete pool',
    ])
      await openstack.run(words);
    expect(await openstack.run('network list -f value')).toBe('');
  }, 240_000);
});
