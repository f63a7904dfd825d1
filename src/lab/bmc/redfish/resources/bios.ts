import { refuse } from '../../refusal.ts';
import {
  type Ask,
  head,
  isJson,
  isoTime,
  type Json,
  objectOf,
  onlyKnown,
  ref,
  type Reply,
  type Resource,
} from '../resource.ts';
import { jobAtReset, mustHaveNoJob } from './boot.ts';

export const BIOS_REGISTRY = 'LabBiosAttributeRegistry.1.0.0';

const settingsPath = (ask: Ask) => `${ask.paths.system}/Bios/${ask.bmc.traits.biosSettingsPath}`;

function shown(ask: Ask): Json {
  const { bios, traits, starts } = ask.bmc;
  // a DPU in this state learns its attributes at its next start
  if (traits.biosAttributesEmptyUntilReset && starts === 0) return {};
  return Object.fromEntries(
    bios.attributes().map((a) => [a.name, a.type === 'Password' ? null : bios.current[a.name]]),
  );
}

function bios(ask: Ask): Json | undefined {
  if (ask.params[0] !== ask.bmc.traits.systemId) return undefined;
  const path = `${ask.paths.system}/Bios`;
  return {
    ...head(path, 'Bios.v1_2_2', 'Bios', 'BIOS'),
    AttributeRegistry: BIOS_REGISTRY,
    Attributes: shown(ask),
    '@Redfish.Settings': {
      '@odata.type': '#Settings.v1_3_5.Settings',
      SettingsObject: ref(settingsPath(ask)),
      SupportedApplyTimes: ['OnReset'],
      Time: isoTime(ask.bmc.power.lastResetAt ?? 0),
      Messages: [],
    },
    Links: { ActiveSoftwareImage: ref(`${ask.paths.root}/UpdateService/FirmwareInventory/BIOS`) },
    Actions: {
      '#Bios.ResetBios': { target: `${path}/Actions/Bios.ResetBios` },
      '#Bios.ChangePassword': { target: `${path}/Actions/Bios.ChangePassword` },
    },
  };
}

/** The pending settings live at `Settings` with most makes, at `Pending`, `SD` or lower case with others. */
function settings(ask: Ask): Json | undefined {
  if (ask.params[0] !== ask.bmc.traits.systemId || ask.params[1] !== ask.bmc.traits.biosSettingsPath) return undefined;
  const pending = Object.fromEntries(
    Object.entries(ask.bmc.bios.pending).map(([k, v]) => [k, k === 'AdminPassword' ? null : v]),
  );
  return {
    ...head(settingsPath(ask), 'Bios.v1_2_2', 'Settings', 'BIOS pending settings'),
    AttributeRegistry: BIOS_REGISTRY,
    Attributes: pending,
  };
}

function patchSettings(ask: Ask, body: Json): Reply | undefined {
  const { bmc } = ask;
  onlyKnown(body, ['Attributes']);
  const attributes = objectOf(body, 'Attributes');
  if (attributes === undefined) throw refuse('PropertyMissing', 'Attributes');
  const applyTime = body['@Redfish.SettingsApplyTime'];
  if (isJson(applyTime) && applyTime['ApplyTime'] !== undefined && applyTime['ApplyTime'] !== 'OnReset') {
    throw refuse('PropertyValueNotInList', String(applyTime['ApplyTime']), 'ApplyTime');
  }
  mustHaveNoJob(bmc);
  bmc.bios.stage(attributes);
  bmc.ledger.add(bmc.name, 'action', ask.caller, 'bios.stage', { attributes: Object.keys(attributes) });
  if (!bmc.traits.oneConfigJob) return undefined;
  const task = jobAtReset(ask, 'BIOS configuration', () => {});
  return { status: 202, headers: { location: `${ask.paths.root}/TaskService/Tasks/${task.id}` } };
}

export const biosResources: readonly Resource[] = [
  { path: '/Systems/{system}/Bios', get: bios },
  { path: '/Systems/{system}/Bios/{settings}', get: settings, patch: patchSettings },
  {
    path: '/Systems/{system}/Bios/Actions/Bios.ResetBios',
    post: (ask) => {
      mustHaveNoJob(ask.bmc);
      ask.bmc.bios.stageDefaults();
      ask.bmc.ledger.add(ask.bmc.name, 'action', ask.caller, 'bios.defaults');
      return undefined;
    },
  },
  {
    path: '/Systems/{system}/Bios/Actions/Bios.ChangePassword',
    post: (ask, body) => {
      for (const key of ['PasswordName', 'OldPassword', 'NewPassword']) {
        if (typeof body[key] !== 'string') throw refuse('ActionParameterMissing', 'Bios.ChangePassword', key);
      }
      if (body['PasswordName'] !== 'AdminPassword') {
        throw refuse(
          'ActionParameterValueNotInList',
          String(body['PasswordName']),
          'PasswordName',
          'Bios.ChangePassword',
        );
      }
      ask.bmc.bios.stage({ AdminPassword: body['NewPassword'] });
      ask.bmc.ledger.add(ask.bmc.name, 'action', ask.caller, 'bios.password');
      return undefined;
    },
  },
  { path: '/Registries/LabBiosAttributeRegistry/Definition', get: registry },
];

function registry(ask: Ask): Json {
  const attributes = ask.bmc.bios.attributes().map((a) => ({
    AttributeName: a.name,
    DisplayName: a.display,
    Type: a.type,
    DefaultValue: a.default,
    ReadOnly: a.readOnly ?? false,
    ResetRequired: a.resetRequired,
    IsSystemUniqueProperty: a.name === 'AssetTag',
    MenuPath: a.menu,
    ...(a.values === undefined ? {} : { Value: a.values.map((v) => ({ ValueName: v, ValueDisplayName: v })) }),
    ...(a.lower === undefined ? {} : { LowerBound: a.lower }),
    ...(a.upper === undefined ? {} : { UpperBound: a.upper }),
    ...(a.minLength === undefined ? {} : { MinLength: a.minLength }),
    ...(a.maxLength === undefined ? {} : { MaxLength: a.maxLength }),
  }));
  return {
    ...head(
      `${ask.paths.root}/Registries/LabBiosAttributeRegistry/Definition`,
      'AttributeRegistry.v1_3_9',
      BIOS_REGISTRY,
      'BIOS Attribute Registry',
    ),
    Language: 'en',
    RegistryVersion: '1.0.0',
    OwningEntity: 'Ingot Lab',
    SupportedSystems: [
      {
        ProductName: ask.bmc.machine.spec.model,
        SystemId: ask.bmc.traits.systemId,
        FirmwareVersion: ask.bmc.firmware.version('BIOS'),
      },
    ],
    RegistryEntries: { Attributes: attributes },
  };
}
