import { ENTRY_COMMAND } from '../../consoles/ssh-server.ts';
import type { PowerVerb } from '../../power-control.ts';
import { refuse } from '../../refusal.ts';
import {
  type Ask,
  booleanOf,
  collection,
  head,
  isoTime,
  type Json,
  objectOf,
  onlyKnown,
  ref,
  type Resource,
  status,
  stringOf,
} from '../resource.ts';
import { dellRaidPath } from './dell-raid.ts';
import { bootObject, decoySystem, patchBoot } from './boot.ts';

/** Redfish's reset types in our verbs. */
const VERBS: Record<string, PowerVerb> = {
  On: 'on',
  ForceOn: 'on',
  ForceOff: 'off',
  GracefulShutdown: 'soft',
  GracefulRestart: 'soft-restart',
  ForceRestart: 'reset',
  PowerCycle: 'cycle',
  PushPowerButton: 'button',
  Nmi: 'nmi',
  Pause: 'pause',
  Resume: 'resume',
};

function system(ask: Ask): Json | undefined {
  const { bmc, paths } = ask;
  const { traits } = bmc;
  const decoy = /^Decoy(\d+)$/.exec(ask.params[0] ?? '');
  if (decoy !== null && Number(decoy[1]) < traits.extraSystems) return decoySystem(ask, Number(decoy[1]));
  if (ask.params[0] !== traits.systemId) return undefined;
  const spec = bmc.machine.spec;
  const power = bmc.power.reported();
  const path = paths.system;
  return {
    ...head(path, 'ComputerSystem.v1_22_0', traits.systemId, 'System'),
    SystemType: 'Physical',
    Manufacturer: traits.manufacturer ?? spec.manufacturer,
    Model: traits.model ?? spec.model,
    SKU: spec.sku,
    SerialNumber: spec.serialNumber,
    PartNumber: `P-${spec.sku}`,
    AssetTag: bmc.settings.assetTag,
    UUID: spec.uuid,
    HostName: bmc.settings.hostName,
    IndicatorLED: bmc.settings.indicator ? 'Blinking' : 'Off',
    LocationIndicatorActive: bmc.settings.indicator,
    PowerState: power,
    PowerRestorePolicy: bmc.settings.powerRestore,
    BiosVersion: bmc.firmware.version('BIOS'),
    Status: {
      ...status(bmc.sensors.worst()),
      HealthRollup: bmc.sensors.worst(),
      State: power === 'Off' ? 'StandbyOffline' : 'Enabled',
    },
    ...(bmc.power.lastResetAt === null ? {} : { LastResetTime: isoTime(bmc.power.lastResetAt) }),
    Boot: bootObject(ask),
    BootProgress: { LastState: bootProgress(ask) },
    ProcessorSummary: {
      Count: 1,
      CoreCount: spec.cpus,
      LogicalProcessorCount: spec.cpus,
      Model: 'Lab CPU',
      Status: status(),
    },
    MemorySummary: { TotalSystemMemoryGiB: spec.memoryMiB / 1024, Status: status() },
    ...(spec.tpm ? { TrustedModules: [{ InterfaceType: 'TPM2_0', FirmwareVersion: '7.2', Status: status() }] } : {}),
    SerialConsole: {
      MaxConcurrentSessions: 1,
      IPMI: { ServiceEnabled: bmc.ipmiEnabled, Port: bmc.network.ipmiPort || 623 },
      ...(bmc.network.sshPort === 0
        ? {}
        : {
            SSH: {
              ServiceEnabled: true,
              Port: bmc.network.sshPort,
              SharedWithManagerCLI: spec.ssh === 'command',
              ...(spec.ssh === 'command' ? { ConsoleEntryCommand: ENTRY_COMMAND } : {}),
            },
          }),
    },
    GraphicalConsole: {
      ServiceEnabled: spec.vnc,
      MaxConcurrentSessions: 4,
      ConnectTypesSupported: ['KVMIP'],
      ...(bmc.network.vncPort === 0 ? {} : { Port: bmc.network.vncPort }),
    },
    Bios: ref(`${path}/Bios`),
    SecureBoot: ref(`${path}/SecureBoot`),
    Processors: ref(`${path}/Processors`),
    Memory: ref(`${path}/Memory`),
    EthernetInterfaces: ref(`${path}/EthernetInterfaces`),
    NetworkInterfaces: ref(`${path}/NetworkInterfaces`),
    Storage: ref(`${path}/Storage`),
    LogServices: ref(`${path}/LogServices`),
    ...(traits.mediaUnderSystem ? { VirtualMedia: ref(`${path}/VirtualMedia`) } : {}),
    ...(traits.bootSettingsResource === 'none'
      ? {}
      : {
          '@Redfish.Settings': { '@odata.type': '#Settings.v1_3_5.Settings', SettingsObject: ref(`${path}/Settings`) },
        }),
    Links: {
      Chassis: [ref(paths.chassis)],
      ManagedBy: [ref(paths.manager)],
      ...(traits.drivesNeedRaidMode ? { Oem: { Dell: { DellRaidService: ref(dellRaidPath(ask)) } } } : {}),
    },
    Actions: { '#ComputerSystem.Reset': resetAction(ask) },
  };
}

function resetAction(ask: Ask): Json {
  const types = ask.bmc.traits.resetTypes;
  const target = `${ask.paths.system}/Actions/ComputerSystem.Reset`;
  return types === null ? { target } : { target, 'ResetType@Redfish.AllowableValues': types };
}

function bootProgress(ask: Ask): string {
  const { machine } = ask.bmc;
  if (machine.power === 'off') return 'None';
  return machine.inPost ? 'PCIResourceConfigStarted' : 'OSBootStarted';
}

function patchSystem(ask: Ask, body: Json): undefined {
  const { bmc } = ask;
  if (ask.params[0] !== bmc.traits.systemId) throw refuse('PropertyNotWritable', Object.keys(body)[0] ?? '');
  onlyKnown(body, ['AssetTag', 'HostName', 'IndicatorLED', 'LocationIndicatorActive', 'PowerRestorePolicy', 'Boot']);
  const assetTag = stringOf(body, 'AssetTag');
  const hostName = stringOf(body, 'HostName');
  const led = stringOf(body, 'IndicatorLED');
  const active = booleanOf(body, 'LocationIndicatorActive');
  const restore = stringOf(body, 'PowerRestorePolicy');
  const boot = objectOf(body, 'Boot');
  if (led !== undefined && !['Lit', 'Blinking', 'Off'].includes(led))
    throw refuse('PropertyValueNotInList', led, 'IndicatorLED');
  if (restore !== undefined && !['AlwaysOn', 'AlwaysOff', 'LastState'].includes(restore)) {
    throw refuse('PropertyValueNotInList', restore, 'PowerRestorePolicy');
  }
  if (boot !== undefined) {
    if (bmc.traits.bootSettingsResource === 'writable') throw refuse('PropertyNotWritable', 'Boot');
    patchBoot(ask, boot);
  }
  if (assetTag !== undefined) bmc.settings.assetTag = assetTag;
  if (hostName !== undefined) bmc.settings.hostName = hostName;
  if (led !== undefined) bmc.settings.indicator = led !== 'Off';
  if (active !== undefined) bmc.settings.indicator = active;
  if (restore !== undefined) bmc.settings.powerRestore = restore as 'AlwaysOn';
  return undefined;
}

async function reset(ask: Ask, body: Json): Promise<undefined> {
  const { bmc } = ask;
  const { traits } = bmc;
  onlyKnown(body, ['ResetType']);
  const type = stringOf(body, 'ResetType');
  if (traits.resetWithoutType) {
    if (type !== undefined) throw refuse('ActionParameterNotSupported', 'ResetType', 'ComputerSystem.Reset');
    await bmc.power.act(bmc.power.isOn ? 'reset' : 'on', ask.caller);
    return undefined;
  }
  if (type === undefined) throw refuse('ActionParameterMissing', 'ComputerSystem.Reset', 'ResetType');
  const verb = VERBS[type];
  if (verb === undefined || (traits.resetTypes !== null && !traits.resetTypes.includes(type))) {
    throw refuse('ActionParameterValueNotInList', type, 'ResetType', 'ComputerSystem.Reset');
  }
  await bmc.power.act(verb, ask.caller);
  return undefined;
}

function systemPaths(ask: Ask): string[] {
  const decoys = Array.from({ length: ask.bmc.traits.extraSystems }, (_, i) => `${ask.paths.root}/Systems/Decoy${i}`);
  return [...decoys, ask.paths.system];
}

export const systemResources: readonly Resource[] = [
  {
    path: '/Systems',
    get: (ask) => collection(`${ask.paths.root}/Systems`, 'ComputerSystemCollection', 'Systems', systemPaths(ask)),
  },
  { path: '/Systems/{system}', writer: 'Operator', get: system, patch: patchSystem },
  { path: '/Systems/{system}/Actions/ComputerSystem.Reset', writer: 'Operator', post: reset },
];
