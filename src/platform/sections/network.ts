import { choice, list, optionalText, section, text, whole } from './fields.ts';

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
  encap_ip: text({
    default: '127.0.0.1',
    minLength: 2,
    description: 'The address at which other hosts reach the tunnels of this one, with `ovn = "own"`.',
  }),
  resync_s: whole({
    default: 600,
    minimum: 10,
    maximum: 86_400,
    description: 'Everything in OVN is compared with the truth this often, beside the changes as they come.',
  }),
});
