import { choice, flag, list, optionalText, secretText, text, whole } from './fields.ts';

const URL = '^https?://[^\\s]+[^\\s/]$';
const NETWORK = 'Name or UUID of the network';
const servicePair = <K extends string>(name: K, when: string) =>
  ({
    [`${name}_network`]: optionalText({
      description: `${NETWORK} machines with the network interface \`neutron\` are on ${when}. A node's \`driver_info.${name}_network\` goes before it.`,
    }),
    [`${name}_network_security_groups`]: list({
      default: [],
      description: `UUIDs of the security groups of their ports ${when}.`,
    }),
  }) as { [P in `${K}_network`]: ReturnType<typeof optionalText> } & {
    [P in `${K}_network_security_groups`]: ReturnType<typeof list>;
  };

/** What moves machines between networks; a part of the section `network`. */
export const machineNetworkFields = {
  service: choice(['own', 'neutron'], {
    default: 'own',
    description:
      "Whose networks machines are on. `own`: Ingot's, with switches it drives. `neutron`: an existing Neutron, whose mechanism drivers drive the switches.",
  }),
  neutron_url: optionalText({
    pattern: URL,
    allowed: 'a URL without a slash at its end, such as https://neutron.example.org:9696',
    description: 'The Neutron to join.',
  }),
  neutron_keystone_url: optionalText({
    pattern: URL,
    allowed: 'a URL without a slash at its end, such as https://keystone.example.org:5000/v3',
    description: 'The Keystone that gives tokens for it. None: it is asked without a token.',
  }),
  neutron_user: text({
    default: 'ironic',
    description: 'The account there; it needs the role `admin`, or that of services.',
  }),
  neutron_password: secretText({ description: 'Its password.' }),
  neutron_user_domain: text({ default: 'Default', description: 'Name of its domain.' }),
  neutron_project: text({ default: 'service', description: 'Name of the project it logs in to.' }),
  neutron_project_domain: text({ default: 'Default', description: "Name of that project's domain." }),
  ...servicePair('provisioning', 'while they are deployed'),
  ...servicePair('cleaning', 'while they are cleaned'),
  ...servicePair('inspection', 'while they are inspected'),
  ...servicePair('rescuing', 'while they are rescued'),
  ...servicePair('servicing', 'while they are serviced'),
  service_networks: list({
    default: [],
    description:
      'Networks that are made when they are not there yet, as `name=physical:VLAN`, like `provisioning=rack1:100`. They belong to the project of services, and have no DHCP but that of the boot service.',
  }),
  add_all_ports: flag({
    default: false,
    description: 'Put all ports of a machine on those networks, not only the ones it boots from.',
  }),
  fail_on_binding_failure: flag({
    default: true,
    description: 'A port that the joined Neutron cannot bind ends the operation.',
  }),
  wait_active: flag({
    default: true,
    description:
      'A port of the joined Neutron counts as bound once it is ACTIVE. Off for mechanism drivers that never say so.',
  }),
  flip_deadline_s: whole({
    default: 120,
    minimum: 5,
    maximum: 1800,
    description: 'Seconds switches, or the joined Neutron, may take to move a machine from one network to another.',
  }),
  flat_vlans: list({
    default: [],
    description:
      'VLANs on switches that stand for flat networks, as `physical=VLAN`. Without one, machines cannot be on the flat network of that physical network.',
  }),
  strict_security_groups: flag({
    default: false,
    description:
      'Connect no machine whose security groups have rules that neither OVN nor its switch can hold. A port can differ from it.',
  }),
  lldp: choice(['missing', 'always', 'off'], {
    default: 'missing',
    description:
      'What inspection makes of the switch ports machines hear by LLDP. `missing`: fills `local_link_connection` where it is empty. `always`: writes it. `off`: leaves it alone. What was heard is kept in any case, for `ingot doctor network`.',
  }),
};
