import { type Ask, collection, head, type Json, ref, type Resource } from '../resource.ts';

const V1 = '/redfish/v1';

function root(ask: Ask): Json {
  const { bmc } = ask;
  const sessions = bmc.traits.sessionService === 'none' ? {} : { SessionService: ref(`${V1}/SessionService`) };
  return {
    ...head(V1, 'ServiceRoot.v1_16_0', 'RootService', 'Root Service'),
    RedfishVersion: '1.18.0',
    UUID: bmc.machine.spec.uuid,
    Vendor: bmc.traits.manufacturer ?? bmc.machine.spec.manufacturer,
    Product: bmc.traits.bmcModel,
    ProtocolFeaturesSupported: {
      ExpandQuery: { ExpandAll: true, Levels: true, Links: true, NoLinks: true, MaxLevels: 2 },
      SelectQuery: true,
      OnlyMemberQuery: true,
      FilterQuery: false,
      ExcerptQuery: false,
    },
    Systems: ref(`${V1}/Systems`),
    Managers: ref(`${V1}/Managers`),
    Chassis: ref(`${V1}/Chassis`),
    ...sessions,
    AccountService: ref(`${V1}/AccountService`),
    EventService: ref(`${V1}/EventService`),
    Tasks: ref(`${V1}/TaskService`),
    UpdateService: ref(`${V1}/UpdateService`),
    TelemetryService: ref(`${V1}/TelemetryService`),
    Registries: ref(`${V1}/Registries`),
    JsonSchemas: ref(`${V1}/JsonSchemas`),
    Links: { Sessions: ref(`${V1}/SessionService/Sessions`) },
  };
}

/** The services of the root, as OData lists them. */
function odata(): Json {
  const names = [
    'Systems',
    'Managers',
    'Chassis',
    'SessionService',
    'AccountService',
    'EventService',
    'TaskService',
    'UpdateService',
  ];
  return {
    '@odata.context': `${V1}/$metadata`,
    value: [
      { name: 'Service', kind: 'Singleton', url: `${V1}/` },
      ...names.map((name) => ({ name, kind: 'Singleton', url: `${V1}/${name}` })),
    ],
  };
}

export const serviceRootResources: readonly Resource[] = [
  { path: '', open: true, get: root },
  { path: '/odata', open: true, get: odata },
  { path: '/JsonSchemas', get: () => collection(`${V1}/JsonSchemas`, 'JsonSchemaFileCollection', 'Schemas', []) },
];
