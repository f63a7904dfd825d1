import type { MachineNetworks } from '#contracts/network';
import type { SwitchService } from '#contracts/switches';
import type { Clock } from '#kernel/clock';
import { IngotError } from '#kernel/errors';
import { newUuid } from '#kernel/ids';
import { systemRandom } from '#kernel/random';
import { OwnMachineNetworks } from '#network/machines/own';
import { ensureServiceNetworks, type ServiceNetwork } from '#network/machines/service-networks';
import { JoinedNeutron } from '#network/neutron/joined';
import type { Log } from '#platform/log';
import type { Config } from '#platform/settings';
import { keystoneClient } from '#protocols/keystone/client';
import { neutronClient } from '#protocols/neutron/client';
import type { Store } from '#store/contract';
import { createReconciler } from '#work/reconciler';
import { networkSettings } from './networks.ts';
import { conductorHost } from './room-settings.ts';

interface Parts {
  store: Store;
  clock: Clock;
  log: Log;
  config: Config;
  /** The switches, once they are there: they are built after what is told of them. */
  switches(): SwitchService | undefined;
}

/** What moves machines between networks. */
export interface RunningMachineNetworks {
  readonly service: MachineNetworks;
  /** Moves the machines of other bare metal services, whose ports are bound by the API. Absent: a Neutron has them. */
  settle?(machine: string): Promise<void>;
  /** In conductors: keeps switches true to what is bound. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const MARKED_MS = 2_000;
/** Everything is compared this often, beside what is marked as it changes. */
const ALL_MS = 600_000;
/** One exchange with a Neutron. */
const EXCHANGE_MS = 30_000;

/** Builds what the settings name. Throws `ConfigInvalid`. */
export function makeMachineNetworks(parts: Parts): RunningMachineNetworks {
  return parts.config.network.service === 'neutron' ? joined(parts) : own(parts);
}

const invalid = (why: string) => new IngotError('ConfigInvalid', 500, why);

function own(parts: Parts): RunningMachineNetworks {
  const { store, clock, log, config, switches } = parts;
  const { network } = config;
  const { physicalNetworks, macBase } = networkSettings(config);
  const service = new OwnMachineNetworks({
    store,
    switches,
    clock,
    random: systemRandom,
    log,
    config: {
      vlans: new Map([...physicalNetworks].map(([name, { vlans }]) => [name, vlans])),
      flatVlans: new Map(network.flat_vlans.map(readFlatVlan)),
      strict: network.strict_security_groups,
      deadlineMs: network.flip_deadline_s * 1000,
      macBase,
    },
  });
  const wanted = network.service_networks.map(readServiceNetwork);
  const host = conductorHost(config);
  const marked = createReconciler({
    name: 'marked machines',
    everyMs: MARKED_MS,
    clock,
    log,
    run: async ({ signal }) => void (await service.reconcileMarked(signal, host)),
  });
  const all = createReconciler({
    name: 'networks of machines',
    everyMs: ALL_MS,
    budgetMs: ALL_MS,
    clock,
    log,
    run: async ({ signal }) => void (await service.reconcile(signal, host)),
  });
  return {
    service,
    // Of its own name: calls of one machine come one after the other, in this process as well.
    settle: (machine) => service.settle(machine, `${host} ${newUuid()}`),
    async start() {
      await store.tx((tx) => ensureServiceNetworks(tx, wanted, network.neutron_project));
      marked.start();
      all.start();
    },
    async stop() {
      await Promise.all([marked.stop(), all.stop()]);
    },
  };
}

function joined({ store, clock, log, config: { network } }: Parts): RunningMachineNetworks {
  if (network.neutron_url === null) throw invalid('network.service = "neutron" needs network.neutron_url');
  const { neutron_keystone_url: url, neutron_password: password } = network;
  if (url !== null && password === null) {
    throw invalid('network.neutron_keystone_url is set; network.neutron_password must be, too');
  }
  const keystone =
    url === null || password === null
      ? {}
      : {
          keystone: {
            client: keystoneClient({ url, clock, timeoutMs: EXCHANGE_MS }),
            account: {
              userName: network.neutron_user,
              password,
              userDomainName: network.neutron_user_domain,
              projectName: network.neutron_project,
              projectDomainName: network.neutron_project_domain,
            },
          },
        };
  const neutron = neutronClient({ url: network.neutron_url, clock, timeoutMs: EXCHANGE_MS, ...keystone });
  const service = new JoinedNeutron({
    neutron,
    store,
    clock,
    log,
    config: {
      deadlineMs: network.flip_deadline_s * 1000,
      failOnBindingFailure: network.fail_on_binding_failure,
      waitActive: network.wait_active,
    },
  });
  return {
    service,
    start: async () => {},
    async stop() {
      await Promise.all([neutron.close(), keystone.keystone?.client.close()]);
    },
  };
}

/** `rack1=1` */
function readFlatVlan(text: string): [string, number] {
  const [, name, vlan] = /^([A-Za-z0-9_.-]+)=(\d{1,4})$/.exec(text) ?? [];
  if (name === undefined || Number(vlan) < 1 || Number(vlan) > 4094) {
    throw invalid(`network.flat_vlans: "${text}" is not physical=VLAN`);
  }
  return [name, Number(vlan)];
}

/** `provisioning=rack1:100` */
function readServiceNetwork(text: string): ServiceNetwork {
  const [, name, physicalNetwork, vlan] = /^([A-Za-z0-9_.-]+)=([A-Za-z0-9_.-]+):(\d{1,4})$/.exec(text) ?? [];
  if (name === undefined || physicalNetwork === undefined || Number(vlan) < 1 || Number(vlan) > 4094) {
    throw invalid(`network.service_networks: "${text}" is not name=physical:VLAN`);
  }
  return { name, physicalNetwork, vlan: Number(vlan) };
}
