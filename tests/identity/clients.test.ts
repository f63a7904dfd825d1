import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { renderCloudsYaml, renderOpenrc } from '#identity/index';
import { type RunResult, run } from '#kernel/run';
import { ADMIN_PASSWORD, type Cloud, type Json, openCloud } from './cloud.ts';

// Debian's own clients against our door on a real socket: what people type, and what tools are built on.

const OPENSTACK = '/usr/bin/openstack';
const PYTHON = '/usr/bin/python3';
const installed = existsSync(OPENSTACK);

describe("Debian's OpenStack clients", () => {
  let cloud: Cloud;
  let authUrl: string;
  let openrc: string;

  beforeAll(async () => {
    cloud = await openCloud();
    const { port } = await cloud.server.listen({ host: '127.0.0.1', port: 0 });
    authUrl = `http://127.0.0.1:${port}/identity/v3`;
    const facts = {
      authUrl,
      userName: 'admin',
      password: ADMIN_PASSWORD,
      userDomainName: 'Default',
      projectName: 'admin',
      region: 'RegionOne',
    };
    openrc = join(cloud.dataDir, 'openrc');
    await writeFile(openrc, renderOpenrc(facts));
    await writeFile(join(cloud.dataDir, 'clouds.yaml'), renderCloudsYaml(facts));
  });
  beforeEach((context) => context.skip(!installed, 'python3-openstackclient is not installed'));
  afterAll(() => cloud.close());

  /** Runs a shell with our openrc; arguments are passed, never pasted. */
  const shell = (script: string, args: readonly string[] = [], input = ''): Promise<RunResult> =>
    run('/bin/sh', ['-c', `. "$0"; ${script}`, openrc, ...args], {
      timeoutMs: 90_000,
      input,
      cwd: cloud.dataDir,
      okCodes: [0, 1],
    });
  const openstack = async (...args: string[]): Promise<RunResult> => shell(`${OPENSTACK} "$@"`, args);
  const json = async (...args: string[]): Promise<Json> => {
    const done = await openstack(...args, '-f', 'json');
    if (done.code !== 0) throw new Error(`openstack ${args.join(' ')}: ${done.stderr}`);
    return JSON.parse(done.stdout);
  };

  it('log in with the openrc we print, and see the catalog', async () => {
    const token = await json('token', 'issue');
    expect(token).toMatchObject({ expires: expect.any(String), project_id: expect.any(String) });
    const catalog = await json('catalog', 'list');
    expect(catalog.map((one: Json) => one.Type).sort()).toEqual(['baremetal', 'identity']);
    await shell(`${OPENSTACK} token revoke "$@"`, [token.id]);
    expect((await cloud.send('GET', '/v3/auth/projects', token.id)).status).toBe(401);
  });

  it('do all everyday commands without a complaint', async () => {
    const commands = `
      domain create dom --description domain
      domain set dom --description changed
      domain show dom
      domain list
      project create proj --domain dom --description project --tag one
      project set proj --domain dom --tag two --property color=red
      project show proj --domain dom
      project list --domain dom
      project list --tags one
      user create user --domain dom --project proj --project-domain dom --password user-password --email u@example.org
      user set user --domain dom --description user
      user show user --domain dom
      user list --domain dom --long
      user list --project proj
      group create grp --domain dom
      group add user grp user --group-domain dom --user-domain dom
      group contains user grp user --group-domain dom --user-domain dom
      user list --group grp --domain dom
      group list --user user --user-domain dom
      group show grp --domain dom
      group set grp --domain dom --description group
      role create helper
      role list
      role show member
      role add --user user --user-domain dom --project proj --project-domain dom member
      role add --group grp --group-domain dom --project proj --project-domain dom reader
      role add --user user --user-domain dom --domain dom reader
      role add --user user --user-domain dom --system all reader
      role add --user user --user-domain dom --domain dom --inherited helper
      role assignment list --names
      role assignment list --user user --user-domain dom --effective --names
      role assignment list --project proj --project-domain dom
      role assignment list --system all
      role remove --user user --user-domain dom --system all reader
      role remove --user user --user-domain dom --domain dom --inherited helper
      implied role create helper --implied-role reader
      implied role list
      implied role delete helper --implied-role reader
      role set helper --name helper2
      role delete helper2
      project list --user user
      region create Two --description second
      region list
      region set Two --description second
      region show Two
      service create --name things --description Things thing
      service list --long
      service show things
      service set things --description more
      endpoint create --region Two thing public http://things.example/x
      endpoint list
      endpoint list --service thing --interface public --region Two
      catalog show identity
      registered limit create --service things --default-limit 10 widgets
      registered limit list
      limit create --service things --project proj --resource-limit 5 widgets
      limit list
      access rule list
      application credential create cred --role admin --description x
      application credential list
      application credential show cred
      application credential delete cred
      versions show
      group remove user grp user --group-domain dom --user-domain dom
      group delete grp --domain dom
      user delete user --domain dom
      project delete proj --domain dom
      domain set dom --disable
      domain delete dom
    `;
    const lines = commands
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
    // One interactive process: starting Python sixty times would take minutes.
    const done = await shell(OPENSTACK, [], `${lines.join('\n')}\n`);
    const complaints = `${done.stdout}\n${done.stderr}`
      .split('\n')
      .filter((line) =>
        /error|traceback|not found|no .* with a name|could not|conflict|HTTP [45]\d\d|unrecognized/i.test(line),
      )
      .filter((line) => !/^\(openstack\) [a-z]/.test(line));
    expect(complaints).toEqual([]);
    // Each command that changes something left its record.
    const { events } = await cloud.want(200, 'GET', '/audit/events?limit=1000&outcome=success', await cloud.admin());
    const changes = events.filter((one: Json) => !one.action.startsWith('authenticate'));
    const verbs = /^(\w+ )+(create|set|add|remove|delete) /;
    expect(changes.length).toBeGreaterThanOrEqual(lines.filter((line) => verbs.test(line)).length);
  });

  it('use application credentials with access rules', async () => {
    const made = await json(
      'application',
      'credential',
      'create',
      'narrow',
      '--access-rules',
      '[{"service": "identity", "method": "GET", "path": "/v3/auth/projects"}]',
    );
    const env = `unset OS_USERNAME OS_PASSWORD OS_PROJECT_NAME OS_USER_DOMAIN_NAME OS_PROJECT_DOMAIN_NAME
      OS_AUTH_TYPE=v3applicationcredential OS_APPLICATION_CREDENTIAL_ID="$1" OS_APPLICATION_CREDENTIAL_SECRET="$2"
      export OS_AUTH_TYPE OS_APPLICATION_CREDENTIAL_ID OS_APPLICATION_CREDENTIAL_SECRET; shift 2;`;
    const args = [made.ID ?? made.id, made.Secret ?? made.secret];
    const issued = await shell(`${env} ${OPENSTACK} "$@"`, [...args, 'token', 'issue', '-f', 'json']);
    expect(issued.code).toBe(0);
    const refused = await shell(`${env} ${OPENSTACK} "$@"`, [...args, 'user', 'list']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('401');
  });

  it('say what went wrong', async () => {
    for (const [args, said] of [
      [['user', 'show', 'nobody'], /No user with a name or ID of 'nobody' exists|No user found/],
      [['user', 'create', 'short', '--password', 'x'], /at least 8 characters/],
      [['domain', 'delete', 'default'], /default domain cannot be deleted|disable it first/],
    ] as const) {
      const done = await openstack(...args);
      expect(done.code).toBe(1);
      expect(done.stderr).toMatch(said);
    }
    const wrong = await shell(`OS_PASSWORD=wrong ${OPENSTACK} token issue`);
    expect(wrong.stderr).toContain('The request you have made requires authentication. (HTTP 401)');
  });

  it('work with the clouds.yaml we print, by the SDK', async () => {
    const script = `
import json, openstack
c = openstack.connect(cloud='ingot')
out = {}
out['token'] = bool(c.auth_token)
p = c.identity.create_project(name='sdk', domain_id='default', tags=['x'])
u = c.identity.create_user(name='sdk-user', domain_id='default', password='sdk-password', default_project_id=p.id)
r = c.identity.find_role('member')
p.assign_role_to_user(c.identity, u, r)
out['assigned'] = p.validate_user_has_role(c.identity, u, r)
out['grants'] = [a.role['id'] == r.id for a in c.identity.role_assignments(user_id=u.id)]
g = c.identity.create_group(name='sdk-group', domain_id='default')
out['found'] = c.identity.find_group('sdk-group').id == g.id
out['missing'] = c.identity.find_user('nobody-here')
c.identity.update_user(u, email='sdk@example.org')
out['email'] = c.identity.get_user(u.id).email
ac = c.identity.create_application_credential(c.current_user_id, 'sdk-cred')
out['secret'] = len(ac.secret) > 20
c.identity.delete_application_credential(c.current_user_id, ac.id)
out['services'] = 'baremetal' in [s.type for s in c.identity.services()]
out['endpoint'] = c.session.get_endpoint(service_type='baremetal', interface='public')
other = openstack.connect(auth_url=c.config.get_auth_args()['auth_url'], username='sdk-user', password='sdk-password',
    user_domain_name='Default', project_name='sdk', project_domain_name='Default', region_name='RegionOne',
    load_yaml_config=False, load_envvars=False)
try:
    list(other.identity.users())
    out['forbidden'] = False
except openstack.exceptions.HttpException as e:
    out['forbidden'] = e.status_code == 403
p.unassign_role_from_user(c.identity, u, r)
c.identity.delete_user(u); c.identity.delete_project(p); c.identity.delete_group(g)
out['cloud'] = [x.name for x in c.list_projects()]
print(json.dumps(out))
`;
    const done = await run(PYTHON, ['-c', script], { timeoutMs: 90_000, cwd: cloud.dataDir });
    expect(JSON.parse(done.stdout)).toEqual({
      token: true,
      assigned: true,
      grants: [true],
      found: true,
      missing: null,
      email: 'sdk@example.org',
      secret: true,
      services: true,
      endpoint: authUrl.replace('/identity/v3', ''),
      forbidden: true,
      cloud: expect.arrayContaining(['admin', 'service']),
    });
  });
});
