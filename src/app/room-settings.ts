import { hostname } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_CONDUCTOR_CONFIG } from '#baremetal/model/conductor-config';
import { DEFAULT_API_CONFIG } from '#baremetal/model/config';
import type { BaremetalParts } from '#baremetal/index';
import type { IdentityConfig } from '#identity/index';
import { CONSOLE_DEFAULTS, type ConsoleConfig } from '#console/index';
import { type Address, addressText, parseAddress } from '#platform/address';
import { errors } from '#platform/errors';
import type { Config, Role } from '#platform/settings';

/** Does this process do it? */
export function hasRole(config: Config, role: Exclude<Role, 'all'>): boolean {
  return config.general.roles.includes('all') || config.general.roles.includes(role);
}

/** The conductor's name: stable over restarts. */
export function conductorHost(config: Config): string {
  return config.conductor.host ?? hostname();
}

/** As clients reach the API. */
export function publicUrl({ api }: Config, at: Address): string {
  return api.public_url ?? `${api.tls_cert === null ? 'http' : 'https'}://${reachableText(at)}`;
}

/** As ramdisks reach what they call: on the listener that is theirs, or at the API. */
export function ramdiskUrl({ api }: Config, apiUrl: string, at: Address | null): string {
  if (api.ramdisk_url !== null) return api.ramdisk_url;
  return at === null ? apiUrl : `${api.ramdisk_tls_cert === null ? 'http' : 'https'}://${reachableText(at)}`;
}

/** Where ramdisks call, as far as it is known before anything listens; null: at the API. */
export function ramdiskAddress({ api }: Config): Address | null {
  return api.ramdisk_listen === null ? null : parseAddress(api.ramdisk_listen);
}

/** As BMCs reach the listener for their events. */
export function eventsUrl({ conductor }: Config, at: Address): string {
  if (conductor.events_url !== null) return conductor.events_url;
  return `${conductor.events_tls_cert === null ? 'http' : 'https'}://${reachableText(at)}`;
}

/** Who listens on every address is reached on this host by its own name for itself. */
export function reachableText({ host, port }: Address): string {
  return addressText({ host: { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host, port });
}

/** The file of names and password hashes of `http_basic`. */
export function htpasswdFile(config: Config): string {
  return config.auth.htpasswd ?? join(config.general.data_dir, 'htpasswd');
}

/** What the identity room is told. */
export function identitySettings(config: Config, listen: Address): IdentityConfig {
  const { auth, general } = config;
  return {
    strategy: auth.strategy,
    listening: [listen.host],
    force: auth.allow_none_anywhere,
    htpasswdFile: htpasswdFile(config),
    publicUrl: publicUrl(config, listen),
    services: [
      { type: 'image', name: 'glance', description: 'Image', path: '/image' },
      { type: 'network', name: 'neutron', description: 'Network', path: '/network' },
      { type: 'baremetal', name: 'ironic', description: 'Bare Metal', path: '' },
    ],
    region: auth.region,
    dataDir: general.data_dir,
    tokenLifetimeMs: auth.token_lifetime_s * 1000,
    passwords: {
      minLength: auth.password_min_length,
      history: auth.password_history,
      expiresDays: auth.password_expires_days,
      minimumAgeDays: auth.password_minimum_age_days,
      changeAtFirstUse: auth.password_change_at_first_use,
      ...(auth.password_pattern === null ? {} : { pattern: auth.password_pattern }),
      ...(auth.password_pattern_description === null ? {} : { patternDescription: auth.password_pattern_description }),
    },
    throttle: { attempts: auth.lockout_attempts, longestWaitMs: auth.lockout_longest_wait_s * 1000 },
    serviceProject: auth.keystone_project,
    trustServiceProject: auth.trust_service_project,
    ...joinedKeystone(config),
    ...(auth.admin_password === null ? {} : { adminPassword: auth.admin_password }),
    ...(auth.policy_file === null ? {} : { policyFile: auth.policy_file }),
  };
}

/** Where and as whom an existing Keystone is asked. Throws `ConfigInvalid` when its account has no password. */
function joinedKeystone({ auth }: Config): Pick<IdentityConfig, 'joined'> {
  if (auth.keystone_url === null) return {};
  if (auth.strategy !== 'keystone') {
    throw errors.ConfigInvalid('auth.keystone_url is set; auth.strategy must then be "keystone"');
  }
  if (auth.keystone_password === null) {
    throw errors.ConfigInvalid('auth.keystone_url is set; auth.keystone_password must be, too');
  }
  return {
    joined: {
      url: auth.keystone_url,
      userName: auth.keystone_user,
      password: auth.keystone_password,
      userDomainName: auth.keystone_user_domain,
      projectName: auth.keystone_project,
      projectDomainName: auth.keystone_project_domain,
    },
  };
}

/** What the bare metal room is told. */
export function baremetalSettings(config: Config): BaremetalParts['config'] {
  const { agent, api, baremetal, conductor, console, fake } = config;
  return {
    api: {
      ...DEFAULT_API_CONFIG,
      maxLimit: api.max_limit,
      defaultResourceClass: baremetal.default_resource_class,
      defaultConductorGroup: baremetal.default_conductor_group,
      allowDeletingAvailableNodes: baremetal.allow_deleting_available_nodes,
      projectAdminCanManageOwnNodes: baremetal.project_admin_can_manage_own_nodes,
      disallowedEnrollmentBootModes: baremetal.disallowed_enrollment_boot_modes,
      disallowedSteps: {
        clean: baremetal.disallowed_clean_steps,
        deploy: baremetal.disallowed_deploy_steps,
        service: baremetal.disallowed_service_steps,
      },
      driverCallDeadlineMs: baremetal.driver_call_deadline_s * 1000,
      requireAgentTls: baremetal.require_agent_tls,
    },
    conductor: {
      ...DEFAULT_CONDUCTOR_CONFIG,
      groups: [conductor.group],
      enabledHardwareTypes: conductor.enabled_hardware_types,
      automatedClean: conductor.automated_clean,
      ruleCallNetworks: conductor.rule_call_networks,
      cleanRunbooks: {
        source: conductor.clean_step_source,
        fallback: conductor.clean_runbook,
        byClass: conductor.clean_runbook_by_class,
        fromNode: conductor.clean_runbook_from_node,
        requireTrait: conductor.clean_runbook_requires_trait,
      },
      powerOffAfterDeployFailure: conductor.power_off_after_deploy_failure,
      powerSync: {
        ...DEFAULT_CONDUCTOR_CONFIG.powerSync,
        everyMs: conductor.power_sync_every_s * 1000,
        force: conductor.power_sync_force,
        listeners: conductor.event_streams,
      },
      agent: {
        networks: agent.networks,
        fastTrackMs: agent.fast_track_s * 1000,
        answerMs: agent.answer_s * 1000,
        kexec: agent.kexec,
        warmPool: agent.warm_pool,
        fileNetworks: config.image.allowed_networks,
      },
      network: networkDriverSettings(config),
      labSockets: console.lab_sockets,
      fake: { delayS: fake.delay_s, fail: fake.fail, ledger: false },
    },
  };
}

/** What machines are on while they are in our hands. */
function networkDriverSettings({ network }: Config): BaremetalParts['config']['conductor']['network'] {
  return {
    networks: {
      provisioning: network.provisioning_network,
      cleaning: network.cleaning_network,
      inspection: network.inspection_network,
      rescue: network.rescuing_network,
      servicing: network.servicing_network,
    },
    securityGroups: {
      provisioning: network.provisioning_network_security_groups,
      cleaning: network.cleaning_network_security_groups,
      inspection: network.inspection_network_security_groups,
      rescue: network.rescuing_network_security_groups,
      servicing: network.servicing_network_security_groups,
    },
    allPorts: network.add_all_ports,
    lldp: network.lldp,
  };
}

/** What the console room is told. */
export function consoleSettings(config: Config): ConsoleConfig {
  const { conductor, console, general } = config;
  return {
    ...CONSOLE_DEFAULTS,
    dir: join(general.data_dir, 'console'),
    limits: { maxBytes: console.keep_mib * 1024 * 1024, maxAgeMs: console.keep_days * 86_400_000 },
    groups: [conductor.group],
    host: conductorHost(config),
    link: console.listen === null ? null : { ...parseAddress(console.listen), advertise: console.advertise },
    allowedOrigins: console.allowed_origins,
  };
}
