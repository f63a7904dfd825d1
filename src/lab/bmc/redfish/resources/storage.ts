import { refuse } from '../../refusal.ts';
import { type Controller, type Drive, RAID_TYPES, type RaidType, type Volume } from '../../storage.ts';
import {
  accepted,
  type Ask,
  collection,
  head,
  isJson,
  type Json,
  numberOf,
  onlyKnown,
  ref,
  refs,
  type Reply,
  type Resource,
  status,
  stringOf,
} from '../resource.ts';

const controllerPath = (ask: Ask, id: string) => `${ask.paths.system}/Storage/${id}`;

function controllerOf(ask: Ask): Controller | undefined {
  if (ask.params[0] !== ask.bmc.traits.systemId) return undefined;
  return ask.bmc.storage.controllers().find((c) => c.id === ask.params[1]);
}

function drivePath(ask: Ask, driveId: string): string {
  const controller = ask.bmc.storage.controllers().find((c) => c.driveIds.includes(driveId));
  return `${controllerPath(ask, controller?.id ?? '')}/Drives/${driveId}`;
}

const volumePath = (ask: Ask, id: string) => `${controllerPath(ask, 'RAID')}/Volumes/${id}`;

function storage(ask: Ask): Json | undefined {
  const controller = controllerOf(ask);
  if (controller === undefined) return undefined;
  const path = controllerPath(ask, controller.id);
  return {
    ...head(path, 'Storage.v1_17_0', controller.id, controller.name),
    Status: status(),
    Controllers: ref(`${path}/Controllers`),
    StorageControllers: [
      {
        '@odata.id': `${path}#/StorageControllers/0`,
        MemberId: '0',
        Name: controller.name,
        Manufacturer: 'Ingot Lab',
        Model: controller.model,
        FirmwareVersion: '4.2.1',
        SpeedGbps: controller.protocol === 'NVMe' ? 32 : 6,
        SupportedControllerProtocols: ['PCIe'],
        SupportedDeviceProtocols: [controller.protocol],
        SupportedRAIDTypes: controller.raid ? RAID_TYPES : [],
        Status: status(),
      },
    ],
    Drives: refs(controller.driveIds.map((id) => drivePath(ask, id))),
    'Drives@odata.count': controller.driveIds.length,
    Volumes: ref(`${path}/Volumes`),
  };
}

function controllerMember(ask: Ask): Json | undefined {
  const controller = controllerOf(ask);
  if (controller === undefined || ask.params[2] !== '0') return undefined;
  return {
    ...head(`${controllerPath(ask, controller.id)}/Controllers/0`, 'StorageController.v1_8_0', '0', controller.name),
    Manufacturer: 'Ingot Lab',
    Model: controller.model,
    FirmwareVersion: '4.2.1',
    SupportedControllerProtocols: ['PCIe'],
    SupportedDeviceProtocols: [controller.protocol],
    SupportedRAIDTypes: controller.raid ? RAID_TYPES : [],
    Status: status(),
  };
}

function drive(ask: Ask): Json | undefined {
  const controller = controllerOf(ask);
  const found = ask.bmc.storage.drive(ask.params[2] ?? '');
  if (controller === undefined || found === undefined || !controller.driveIds.includes(found.id)) return undefined;
  return driveBody(ask, found);
}

function driveBody(ask: Ask, d: Drive): Json {
  const path = drivePath(ask, d.id);
  const volume = ask.bmc.storage.volumeOf(d.id);
  const raidStatus = volume !== undefined ? 'Online' : d.raidReady ? 'Ready' : 'NonRAID';
  const mode =
    ask.bmc.traits.drivesNeedRaidMode && d.raid
      ? { Oem: { Dell: { DellPhysicalDisk: { RaidStatus: raidStatus } } } }
      : {};
  return {
    ...head(path, 'Drive.v1_20_0', d.id, `Drive ${d.id}`),
    Manufacturer: 'Ingot Lab',
    Model: d.model,
    SerialNumber: d.serial,
    Revision: '1.0',
    CapacityBytes: d.sizeBytes,
    BlockSizeBytes: 512,
    MediaType: 'SSD',
    Protocol: d.bus === 'nvme' ? 'NVMe' : 'SATA',
    PredictedMediaLifeLeftPercent: 97,
    FailurePredicted: false,
    LocationIndicatorActive: false,
    IndicatorLED: 'Off',
    Status: status(),
    Links: { Volumes: volume === undefined ? [] : refs([volumePath(ask, volume.id)]), Chassis: ref(ask.paths.chassis) },
    Actions: { '#Drive.SecureErase': { target: `${path}/Actions/Drive.SecureErase` } },
    ...mode,
  };
}

function volumeBody(ask: Ask, volume: Volume): Json {
  return {
    ...head(volumePath(ask, volume.id), 'Volume.v1_10_0', volume.id, volume.name),
    DisplayName: volume.name,
    RAIDType: volume.raidType,
    VolumeType: LEGACY_TYPE[volume.raidType],
    CapacityBytes: volume.sizeBytes,
    BlockSizeBytes: 512,
    Encrypted: false,
    Status: status(),
    Operations: [],
    Links: {
      Drives: refs(volume.driveIds.map((id) => drivePath(ask, id))),
      'Drives@odata.count': volume.driveIds.length,
    },
    Actions: { '#Volume.Initialize': { target: `${volumePath(ask, volume.id)}/Actions/Volume.Initialize` } },
  };
}

const LEGACY_TYPE: Record<RaidType, string> = {
  RAID0: 'NonRedundant',
  RAID1: 'Mirrored',
  RAID5: 'StripedWithParity',
  RAID6: 'StripedWithParity',
  RAID10: 'SpannedMirrors',
};

/** Makes a volume, as a task; with OnReset the task waits for the machine to start. */
function createVolume(ask: Ask, body: Json): Reply {
  const { bmc } = ask;
  const controller = controllerOf(ask);
  if (controller === undefined || !controller.raid) throw refuse('OperationNotAllowed');
  onlyKnown(body, [
    'Name',
    'DisplayName',
    'RAIDType',
    'VolumeType',
    'CapacityBytes',
    'Links',
    'Drives',
    'OptimumIOSizeBytes',
    'StripSizeBytes',
  ]);
  const raidType = stringOf(body, 'RAIDType') ?? fromLegacy(stringOf(body, 'VolumeType'));
  if (raidType === undefined) throw refuse('CreateFailedMissingReqProperties', 'RAIDType');
  const links = isJson(body['Links']) ? body['Links']['Drives'] : body['Drives'];
  if (!Array.isArray(links)) throw refuse('CreateFailedMissingReqProperties', 'Links/Drives');
  const driveIds = links.map((link: unknown) => {
    const path = isJson(link) ? link['@odata.id'] : undefined;
    const drive = bmc.storage.drives().find((d) => drivePath(ask, d.id) === path);
    if (drive === undefined) throw refuse('PropertyValueNotInList', JSON.stringify(link), 'Links/Drives');
    return drive.id;
  });
  const size = bmc.storage.checkVolume(
    raidType,
    driveIds,
    numberOf(body, 'CapacityBytes'),
    bmc.traits.drivesNeedRaidMode,
  );
  mustHaveNoRaidTask(ask);
  const name = stringOf(body, 'DisplayName') ?? stringOf(body, 'Name');
  const make = () => {
    bmc.storage.createVolume(name, raidType as RaidType, driveIds, size);
    bmc.ledger.add(bmc.name, 'action', ask.caller, 'raid.create', { raidType, driveIds, size });
  };
  return raidTask(ask, 'RAID create', body, make);
}

function raidTask(ask: Ask, name: string, body: Json, work: () => void | Promise<void>): Reply {
  const { bmc } = ask;
  const payload = { uri: ask.path, method: 'POST', body };
  if (body['@Redfish.OperationApplyTime'] === 'OnReset') {
    const message = {
      messageId: 'Base.1.18.ResetRequired',
      message: 'Waits for a reset of the system.',
      severity: 'OK',
    } as const;
    const task = bmc.tasks.pending(name, payload, message);
    bmc.atNextStart(task, () => void work());
    return accepted(ask, task);
  }
  return accepted(
    ask,
    bmc.tasks.start(name, payload, async () => {
      await work();
    }),
  );
}

function mustHaveNoRaidTask(ask: Ask): void {
  if (ask.bmc.traits.oneRaidTask && ask.bmc.tasks.running('RAID').length > 0) throw refuse('ResourceInUse');
}

function fromLegacy(type: string | undefined): string | undefined {
  return (Object.entries(LEGACY_TYPE).find(([, legacy]) => legacy === type) ?? [])[0];
}

export const storageResources: readonly Resource[] = [
  {
    path: '/Systems/{system}/Storage',
    get: (ask) =>
      ask.params[0] !== ask.bmc.traits.systemId
        ? undefined
        : collection(
            `${ask.paths.system}/Storage`,
            'StorageCollection',
            'Storage',
            ask.bmc.storage.controllers().map((c) => controllerPath(ask, c.id)),
          ),
  },
  { path: '/Systems/{system}/Storage/{storage}', get: storage },
  {
    path: '/Systems/{system}/Storage/{storage}/Controllers',
    get: (ask) => {
      const controller = controllerOf(ask);
      if (controller === undefined) return undefined;
      const path = `${controllerPath(ask, controller.id)}/Controllers`;
      return collection(path, 'StorageControllerCollection', 'Controllers', [`${path}/0`]);
    },
  },
  { path: '/Systems/{system}/Storage/{storage}/Controllers/{controller}', get: controllerMember },
  { path: '/Systems/{system}/Storage/{storage}/Drives/{drive}', get: drive },
  {
    path: '/Systems/{system}/Storage/{storage}/Drives/{drive}/Actions/Drive.SecureErase',
    post: (ask) => {
      const id = ask.params[2] ?? '';
      const { bmc } = ask;
      if (bmc.storage.drive(id) === undefined) throw refuse('ResourceNotFound', 'Drive', id);
      if (bmc.storage.volumeOf(id) !== undefined) throw refuse('ResourceInUse');
      const erase = async () => {
        await bmc.storage.eraseDrive(id);
        bmc.ledger.add(bmc.name, 'action', ask.caller, 'drive.erase', { drive: id });
      };
      return accepted(ask, bmc.tasks.start(`Secure erase ${id}`, { uri: ask.path, method: 'POST', body: null }, erase));
    },
  },
  {
    path: '/Systems/{system}/Storage/{storage}/Volumes',
    get: (ask) => {
      const controller = controllerOf(ask);
      if (controller === undefined) return undefined;
      const ids = controller.raid ? ask.bmc.storage.volumes().map((v) => volumePath(ask, v.id)) : [];
      return {
        ...collection(`${controllerPath(ask, controller.id)}/Volumes`, 'VolumeCollection', 'Volumes', ids),
        '@Redfish.OperationApplyTimeSupport': {
          '@odata.type': '#Settings.v1_3_5.OperationApplyTimeSupport',
          SupportedValues: ['Immediate', 'OnReset'],
        },
      };
    },
    post: createVolume,
  },
  {
    path: '/Systems/{system}/Storage/{storage}/Volumes/{volume}',
    get: (ask) => {
      const volume = ask.bmc.storage.volume(ask.params[2] ?? '');
      return volume === undefined || !controllerOf(ask)?.raid ? undefined : volumeBody(ask, volume);
    },
    delete: (ask) => {
      const id = ask.params[2] ?? '';
      const { bmc } = ask;
      if (bmc.storage.volume(id) === undefined) throw refuse('ResourceNotFound', 'Volume', id);
      mustHaveNoRaidTask(ask);
      return raidTask(ask, 'RAID delete', {}, async () => {
        await bmc.storage.deleteVolume(id);
        bmc.ledger.add(bmc.name, 'action', ask.caller, 'raid.delete', { volume: id });
      });
    },
  },
  {
    path: '/Systems/{system}/Storage/{storage}/Volumes/{volume}/Actions/Volume.Initialize',
    post: (ask) => {
      const id = ask.params[2] ?? '';
      if (ask.bmc.storage.volume(id) === undefined) throw refuse('ResourceNotFound', 'Volume', id);
      return raidTask(ask, 'RAID initialize', {}, () => ask.bmc.machine.dropDisk(`vol${id}`));
    },
  },
];
