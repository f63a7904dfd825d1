import { refuse } from '../../refusal.ts';
import {
  type Ask,
  booleanOf,
  collection,
  head,
  isJson,
  isoTime,
  type Json,
  objectOf,
  onlyKnown,
  ref,
  refs,
  type Resource,
  status,
  stringOf,
} from '../resource.ts';

/** How long a reset of the BMC takes unless a quirk says otherwise. */
const REBOOT_MS = 1_500;

const isManager = (ask: Ask) => ask.params[0] === ask.bmc.traits.managerId;

function manager(ask: Ask): Json | undefined {
  const { bmc, paths } = ask;
  if (!isManager(ask)) return undefined;
  const path = paths.manager;
  return {
    ...head(path, 'Manager.v1_19_0', bmc.traits.managerId, 'Manager'),
    ManagerType: 'BMC',
    Manufacturer: bmc.traits.manufacturer ?? bmc.machine.spec.manufacturer,
    Model: bmc.traits.bmcModel,
    FirmwareVersion: bmc.firmware.version('BMC'),
    UUID: bmc.machine.spec.uuid,
    PowerState: 'On',
    Status: status(),
    DateTime: isoTime(bmc.now()),
    DateTimeLocalOffset: bmc.settings.timeZone,
    SerialConsole: {
      ServiceEnabled: bmc.ipmiEnabled || bmc.network.sshPort !== 0,
      MaxConcurrentSessions: 1,
      ConnectTypesSupported: bmc.network.sshPort === 0 ? ['IPMI'] : ['SSH', 'IPMI'],
    },
    CommandShell: { ServiceEnabled: false, MaxConcurrentSessions: 0, ConnectTypesSupported: [] },
    GraphicalConsole: {
      ServiceEnabled: bmc.machine.spec.vnc,
      MaxConcurrentSessions: 4,
      ConnectTypesSupported: ['KVMIP'],
    },
    EthernetInterfaces: ref(`${path}/EthernetInterfaces`),
    NetworkProtocol: ref(`${path}/NetworkProtocol`),
    LogServices: ref(`${path}/LogServices`),
    ...(bmc.traits.mediaUnderSystem ? {} : { VirtualMedia: ref(`${path}/VirtualMedia`) }),
    Links: {
      ManagerForServers: refs([paths.system]),
      'ManagerForServers@odata.count': 1,
      ManagerForChassis: refs([paths.chassis]),
      ManagerInChassis: ref(paths.chassis),
    },
    Actions: {
      '#Manager.Reset': {
        target: `${path}/Actions/Manager.Reset`,
        'ResetType@Redfish.AllowableValues': ['GracefulRestart', 'ForceRestart'],
      },
      '#Manager.ResetToDefaults': {
        target: `${path}/Actions/Manager.ResetToDefaults`,
        'ResetType@Redfish.AllowableValues': ['ResetAll', 'PreserveNetworkAndUsers'],
      },
    },
  };
}

function patchManager(ask: Ask, body: Json): undefined {
  const { bmc } = ask;
  onlyKnown(body, ['DateTime', 'DateTimeLocalOffset']);
  const time = stringOf(body, 'DateTime');
  const offset = stringOf(body, 'DateTimeLocalOffset');
  if (offset !== undefined && !/^[+-]\d\d:\d\d$/.test(offset))
    throw refuse('PropertyValueFormatError', offset, 'DateTimeLocalOffset');
  if (time !== undefined) {
    const ms = Date.parse(time);
    if (Number.isNaN(ms)) throw refuse('PropertyValueFormatError', time, 'DateTime');
    bmc.settings.clockOffsetMs = ms - bmc.clock.now();
  }
  if (offset !== undefined) bmc.settings.timeZone = offset;
  return undefined;
}

function networkProtocol(ask: Ask): Json | undefined {
  const { bmc } = ask;
  if (!isManager(ask)) return undefined;
  return {
    ...head(
      `${ask.paths.manager}/NetworkProtocol`,
      'ManagerNetworkProtocol.v1_10_0',
      'NetworkProtocol',
      'Network Protocol',
    ),
    HostName: `bmc-${bmc.name}`,
    FQDN: `bmc-${bmc.name}.lab`,
    HTTP: { ProtocolEnabled: false, Port: 80 },
    HTTPS: { ProtocolEnabled: true, Port: bmc.network.redfishPort || 443 },
    IPMI: { ProtocolEnabled: bmc.ipmiEnabled, Port: bmc.network.ipmiPort || 623 },
    SSH: { ProtocolEnabled: bmc.network.sshPort !== 0, Port: bmc.network.sshPort || 22 },
    KVMIP: { ProtocolEnabled: bmc.machine.spec.vnc, Port: bmc.network.vncPort || 5900 },
    VirtualMedia: { ProtocolEnabled: true, Port: bmc.network.redfishPort || 443 },
    NTP: { ProtocolEnabled: bmc.settings.ntpServers.length > 0, NTPServers: bmc.settings.ntpServers },
    Status: status(),
  };
}

function patchProtocol(ask: Ask, body: Json): undefined {
  onlyKnown(body, ['IPMI', 'NTP']);
  const ipmi = objectOf(body, 'IPMI');
  const ntp = objectOf(body, 'NTP');
  const enabled = ipmi === undefined ? undefined : booleanOf(ipmi, 'ProtocolEnabled');
  const servers = ntp?.['NTPServers'];
  if (enabled !== undefined) ask.bmc.settings.ipmiByProtocol = enabled;
  if (Array.isArray(servers)) ask.bmc.settings.ntpServers = servers.map(String);
  return undefined;
}

function bmcEthernet(ask: Ask): Json | undefined {
  const { network } = ask.bmc;
  if (!isManager(ask) || ask.params[1] !== 'eth0') return undefined;
  return {
    ...head(`${ask.paths.manager}/EthernetInterfaces/eth0`, 'EthernetInterface.v1_12_0', 'eth0', 'BMC Ethernet'),
    MACAddress: network.mac.toUpperCase(),
    PermanentMACAddress: network.mac.toUpperCase(),
    InterfaceEnabled: true,
    LinkStatus: 'LinkUp',
    IPv4Addresses: [
      { Address: network.address, SubnetMask: '255.255.255.0', AddressOrigin: 'Static', Gateway: '0.0.0.0' },
    ],
    Status: status(),
  };
}

/** Attributes of the vendor's own making, as iDRAC has them; some quirks can only be cured here. */
function attributes(ask: Ask): Json | undefined {
  if (!isManager(ask)) return undefined;
  const { bmc } = ask;
  return {
    ...head(`${ask.paths.manager}/Attributes`, 'DellAttributes.v1_0_0', 'Attributes', 'OEM Attributes'),
    Attributes: {
      'VirtualMedia.1.Attached': bmc.media.attached || !bmc.traits.mediaDetached ? 'AutoAttach' : 'Detached',
      'ServerBoot.1.BootOnce': bmc.settings.oemMediaBoot === null ? 'Disabled' : 'Enabled',
      'ServerBoot.1.FirstBootDevice':
        bmc.settings.oemMediaBoot === null ? 'Normal' : bmc.settings.oemMediaBoot === 'cd' ? 'VCD-DVD' : 'vFDD',
    },
  };
}

function patchAttributes(ask: Ask, body: Json): undefined {
  const { bmc } = ask;
  const given = objectOf(body, 'Attributes');
  if (given === undefined) throw refuse('PropertyMissing', 'Attributes');
  const attached = given['VirtualMedia.1.Attached'];
  const device = given['ServerBoot.1.FirstBootDevice'];
  if (attached !== undefined) bmc.media.attached = attached === 'AutoAttach' || attached === 'Attached';
  if (device !== undefined) bmc.settings.oemMediaBoot = device === 'VCD-DVD' ? 'cd' : device === 'vFDD' ? 'usb' : null;
  bmc.ledger.add(bmc.name, 'action', ask.caller, 'oem.attributes', isJson(given) ? given : {});
  return undefined;
}

/** A reset of the BMC is answered before it happens. */
function resetManager(ask: Ask, body: Json): undefined {
  const type = stringOf(body, 'ResetType') ?? 'GracefulRestart';
  if (!['GracefulRestart', 'ForceRestart'].includes(type)) {
    throw refuse('ActionParameterValueNotInList', type, 'ResetType', 'Manager.Reset');
  }
  ask.bmc.clock.after(50, () => ask.bmc.reboot(ask.bmc.traits.updateRebootMs || REBOOT_MS, ask.caller));
  return undefined;
}

export const managerResources: readonly Resource[] = [
  {
    path: '/Managers',
    get: (ask) => collection(`${ask.paths.root}/Managers`, 'ManagerCollection', 'Managers', [ask.paths.manager]),
  },
  { path: '/Managers/{manager}', get: manager, patch: patchManager },
  { path: '/Managers/{manager}/NetworkProtocol', get: networkProtocol, patch: patchProtocol },
  {
    path: '/Managers/{manager}/EthernetInterfaces',
    get: (ask) =>
      isManager(ask)
        ? collection(`${ask.paths.manager}/EthernetInterfaces`, 'EthernetInterfaceCollection', 'BMC Ethernet', [
            `${ask.paths.manager}/EthernetInterfaces/eth0`,
          ])
        : undefined,
  },
  { path: '/Managers/{manager}/EthernetInterfaces/{interface}', get: bmcEthernet },
  { path: '/Managers/{manager}/Attributes', get: attributes, patch: patchAttributes },
  { path: '/Managers/{manager}/Actions/Manager.Reset', post: resetManager },
  {
    path: '/Managers/{manager}/Actions/Manager.ResetToDefaults',
    post: (ask) => {
      ask.bmc.boot.forget();
      ask.bmc.bios.dropPending();
      ask.bmc.clock.after(50, () => ask.bmc.reboot(REBOOT_MS, ask.caller));
      return undefined;
    },
  },
  {
    // iDRAC's way out of a job queue that refuses new jobs
    path: '/Managers/{manager}/Oem/Dell/DellJobService/Actions/DellJobService.DeleteJobQueue',
    post: (ask, body) => {
      if (body['JobID'] !== 'JID_CLEARALL' && body['JobID'] !== 'JID_CLEARALL_FORCE') {
        throw refuse('ActionParameterMissing', 'DellJobService.DeleteJobQueue', 'JobID');
      }
      ask.bmc.clearJobs();
      ask.bmc.ledger.add(ask.bmc.name, 'action', ask.caller, 'jobs.clear');
      return undefined;
    },
  },
];
