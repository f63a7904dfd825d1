import { describe, expect, it } from 'vitest';
import { configDriveFiles } from '#protocols/configdrive/build';
import { answerAt } from './paths.ts';

const asking = { ip: '10.0.0.5', mac: 'fa:16:3e:00:00:05' };
const metaData = { uuid: 'u1', name: 'web', hostname: 'web', public_keys: { mine: 'ssh-ed25519 AAAA me' } };
const files = configDriveFiles({ metaData, userData: '#cloud-config\n', networkData: { links: [] } });
const at = (path: string) => answerAt(path, files, asking)?.body;

describe('paths of the metadata service', () => {
  it('are those of a config drive, in every version a client asks for', () => {
    expect(at('/openstack')?.split('\n')).toContain('2018-08-27');
    expect(at('/openstack/latest/')?.split('\n')).toEqual(['meta_data.json', 'network_data.json', 'user_data']);
    expect(JSON.parse(at('/openstack/2018-08-27/meta_data.json') ?? '')).toEqual(metaData);
    expect(answerAt('/openstack/latest/network_data.json', files, asking)?.type).toBe('application/json');
    expect(at('/openstack/latest/user_data')).toBe('#cloud-config\n');
    expect(at('/openstack/latest/vendor_data2.json')).toBeUndefined();
    expect(at('/openstack/1999-01-01/meta_data.json')).toBeUndefined();
    expect(at('/openstack/latest/../../user_data')).toBeUndefined();
  });

  it("are what cloud-init asks of EC2's", () => {
    expect(at('/')?.split('\n')).toContain('latest');
    expect(at('/latest')?.split('\n')).toEqual(['meta-data/', 'user-data']);
    expect(at('/latest/meta-data/')?.split('\n')).toEqual([
      'ami-launch-index',
      'hostname',
      'instance-id',
      'local-hostname',
      'local-ipv4',
      'mac',
      'public-keys/',
    ]);
    expect(at('/2009-04-04/meta-data/instance-id')).toBe('u1');
    expect(at('/latest/meta-data/local-ipv4')).toBe('10.0.0.5');
    expect(at('/latest/meta-data/public-keys/')).toBe('0=mine');
    expect(at('/latest/meta-data/public-keys/0/openssh-key')).toBe('ssh-ed25519 AAAA me');
    expect(at('/latest/meta-data/constructor')).toBeUndefined();
    expect(at('/latest/user-data')).toBe('#cloud-config\n');
    expect(at('/favicon.ico')).toBeUndefined();
  });
});
