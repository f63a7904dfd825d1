import { choice, flag, list, optionalText, secretText, section, text, whole } from './fields.ts';
import { machineNetworkFields } from './machine-networks.ts';

const REMOTES = '^((tcp|ssl):[^\\s,]+:\\d+|unix:/[^\\s,]+)(,((tcp|ssl):[^\\s,]+:\\d+|unix:/[^\\s,]+))*$';
const REMOTES_SAID = 'tcp:HOST:PORT, ssl:HOST:PORT or unix:PATH; the members of a cluster with commas between';

export const networkSettings = section('Networks of tenants, and the OVN that carries them.', {
  ovn: choice(['off', 'own', 'join'], {
    default: 'off',
    description:
      'Who runs OVN. `own`: this process starts its databases, northd, the switch and its controller on this host, and watches them. `join`: one that exists, at `ovn_nb`. `off`: networks are kept, and carried nowhere.',
  }),
  ovn_nb: optionalText({
    pattern: REMOTES,
    allowed: REMOTES_SAID,
    description: 'The northbound database of the OVN to join. Only rows that Ingot made are ever changed in it.',
  }),
  ovn_sb: optionalText({
    pattern: REMOTES,
    allowed: REMOTES_SAID,
    description:
      'Its southbound database, read only: it tells which hosts carry networks and live. Without it there are no gateways, and no DHCP for machines.',
  }),
  ovn_ca: optionalText({ description: 'PEM file of the authority of `ssl:` databases.' }),
  ovn_cert: optionalText({ description: 'PEM file of our certificate for them.' }),
  ovn_key: optionalText({ description: 'PEM file of its key.' }),
  bridge_mappings: list({
    default: [],
    description:
      'Physical networks of this host with `ovn = "own"`, as `network:bridge`. A bridge that is not there is made; put the network card into it.',
  }),
  physical_networks: list({
    default: [],
    description:
      "Networks of cables and switches, as `name`, `name:MTU` or `name:MTU:VLANs`, like `rack1:9000:100-199,300-349`. Admins make flat and VLAN networks on them; the VLANs named here are those tenants' networks get by themselves.",
  }),
  tenant_types: list({
    default: ['geneve'],
    items: ['geneve', 'vxlan', 'vlan'],
    description:
      'What networks of tenants are made of, the first that has a number left. Geneve is what OVN carries; `vlan` takes from `physical_networks`.',
  }),
  overlay_ids: text({
    default: '1-65535',
    pattern: '^\\d{1,8}-\\d{1,8}$',
    description: "Numbers of tenants' overlay networks.",
  }),
  mtu: whole({
    default: 1500,
    minimum: 576,
    maximum: 65_535,
    description:
      'Bytes of a packet between hosts; overlay networks carry what the tunnel leaves of it. Also the MTU of physical networks that name none.',
  }),
  mac_base: text({
    default: 'fa:16:3e',
    pattern: '^[0-9a-f][02468ace](:[0-9a-f]{2}){2}$',
    allowed: 'three bytes of a MAC address that is nobody else’s, like fa:16:3e',
    description: 'How MAC addresses of ports begin.',
  }),
  quotas: list({
    default: [],
    description:
      'What a project may have unless it was given quotas of its own, as `resource=number`, like `port=5000`; -1 is without limit.',
  }),
  encap_ip: text({
    default: '127.0.0.1',
    minLength: 2,
    description: 'The address at which other hosts reach the tunnels of this one, with `ovn = "own"`.',
  }),
  switch_read_s: whole({
    default: 60,
    minimum: 5,
    maximum: 86_400,
    description:
      'Each registered switch is read this often; ports that are not as wanted are put right, or only told of, as the switch is registered.',
  }),
  resync_s: whole({
    default: 600,
    minimum: 10,
    maximum: 86_400,
    description: 'Everything in OVN is compared with the truth this often, beside the changes as they come.',
  }),
  metadata: flag({
    default: false,
    description:
      'Instances are told of themselves at 169.254.169.254 on their networks, by each conductor beside a switch of OVN. The same on all conductors.',
  }),
  metadata_switch: text({
    default: 'unix:/run/openvswitch/db.sock',
    pattern: '^(unix:/|tcp:).+$',
    allowed: 'unix:PATH or tcp:HOST:PORT',
    description: 'With `ovn = "join"`: the database of the Open vSwitch on this host, for `metadata`.',
  }),
  nova_metadata_url: optionalText({
    pattern: '^https?://[^\\s]+[^\\s/]$',
    allowed: 'a URL without a slash at its end, such as http://nova.example.org:8775',
    description:
      'The metadata service of a Nova: ports whose `device_owner` begins with `compute:` are answered by it.',
  }),
  nova_metadata_secret: secretText({ description: 'The `metadata_proxy_shared_secret` of that Nova.' }),
  ...machineNetworkFields,
});
