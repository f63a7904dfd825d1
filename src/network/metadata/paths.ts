// What stands at which path of a metadata service: OpenStack's tree, which is a config drive over HTTP, and what
// cloud-init asks of EC2's. Pure.

/** Versions of OpenStack's tree that clients ask for; all hold the same. */
const OPENSTACK = [
  '2012-08-10',
  '2013-04-04',
  '2013-10-17',
  '2015-10-15',
  '2016-06-30',
  '2016-10-06',
  '2017-02-22',
  '2018-08-27',
  '2020-10-14',
  'latest',
];
const EC2 = ['1.0', '2007-01-19', '2008-02-01', '2009-04-04', 'latest'];
const LATEST = 'openstack/latest/';
/** In a folder: what its list says beside its own name. Keys are listed as `0=name`. */
const NAME = ' name';

/** Who asks. */
export interface Asking {
  ip: string;
  mac: string;
}

export interface Answer {
  type: 'application/json' | 'text/plain';
  body: string;
}

interface Tree {
  readonly [name: string]: string | Tree;
}

const text = (lines: readonly string[]): Answer => ({ type: 'text/plain', body: lines.join('\n') });

/** The answer for a path, from the files of the instance's config drive; undefined where nothing is. */
export function answerAt(path: string, files: ReadonlyMap<string, string>, asking: Asking): Answer | undefined {
  const [first, second, ...rest] = path.split('/').filter((part) => part !== '');
  if (first === undefined) return text(EC2);
  if (first === 'openstack') {
    if (second === undefined) return text(OPENSTACK);
    if (!OPENSTACK.includes(second) || rest.length > 1) return undefined;
    const [name] = rest;
    if (name === undefined)
      return text([...files.keys()].filter((one) => one.startsWith(LATEST)).map((one) => one.slice(LATEST.length)));
    const body = files.get(LATEST + name);
    return body === undefined ? undefined : { type: name.endsWith('.json') ? 'application/json' : 'text/plain', body };
  }
  if (!EC2.includes(first)) return undefined;
  const userData = files.get(`${LATEST}user_data`);
  const tree = { 'meta-data': ec2(files, asking), ...(userData === undefined ? {} : { 'user-data': userData }) };
  return inTree(tree, second === undefined ? [] : [second, ...rest]);
}

function inTree(tree: Tree, path: readonly string[]): Answer | undefined {
  let at: string | Tree = tree;
  for (const part of path) {
    if (typeof at === 'string' || part === NAME || !Object.hasOwn(at, part)) return undefined;
    at = at[part] as string | Tree;
  }
  if (typeof at === 'string') return text([at]);
  return text(
    Object.entries(at).flatMap(([name, value]) => {
      if (typeof value === 'string') return name === NAME ? [] : [name];
      return [typeof value[NAME] === 'string' ? `${name}=${value[NAME]}` : `${name}/`];
    }),
  );
}

function ec2(files: ReadonlyMap<string, string>, { ip, mac }: Asking): Tree {
  const meta = JSON.parse(files.get(`${LATEST}meta_data.json`) ?? '{}') as Record<string, unknown>;
  const keys = Object.entries((meta['public_keys'] ?? {}) as Record<string, unknown>);
  const all: Record<string, unknown> = {
    'ami-launch-index': String(meta['launch_index'] ?? 0),
    hostname: meta['hostname'],
    'instance-id': meta['uuid'],
    'local-hostname': meta['hostname'],
    'local-ipv4': ip,
    mac,
    placement:
      typeof meta['availability_zone'] === 'string' ? { 'availability-zone': meta['availability_zone'] } : undefined,
    'public-keys':
      keys.length === 0
        ? undefined
        : Object.fromEntries(keys.map(([name, key], at) => [at, { [NAME]: name, 'openssh-key': String(key) }])),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Tree;
}
