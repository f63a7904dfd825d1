import { refuse } from '../../refusal.ts';
import type { SensorSpec } from '../../sensors.ts';
import {
  type Ask,
  booleanOf,
  collection,
  head,
  type Json,
  onlyKnown,
  ref,
  refs,
  type Resource,
  status,
  stringOf,
} from '../resource.ts';

const isChassis = (ask: Ask) => ask.params[0] === ask.bmc.traits.chassisId;

function chassis(ask: Ask): Json | undefined {
  const { bmc, paths } = ask;
  if (!isChassis(ask)) return undefined;
  const spec = bmc.machine.spec;
  const path = paths.chassis;
  return {
    ...head(path, 'Chassis.v1_25_0', bmc.traits.chassisId, 'Chassis'),
    ChassisType: 'RackMount',
    Manufacturer: bmc.traits.manufacturer ?? spec.manufacturer,
    Model: bmc.traits.model ?? spec.model,
    SKU: spec.sku,
    SerialNumber: spec.serialNumber,
    AssetTag: bmc.settings.assetTag,
    IndicatorLED: bmc.settings.indicator ? 'Blinking' : 'Off',
    LocationIndicatorActive: bmc.settings.indicator,
    PowerState: bmc.power.reported() === 'Off' ? 'Off' : 'On',
    Status: status(bmc.sensors.worst()),
    HeightMm: 44.45,
    Thermal: ref(`${path}/Thermal`),
    Power: ref(`${path}/Power`),
    ThermalSubsystem: ref(`${path}/ThermalSubsystem`),
    PowerSubsystem: ref(`${path}/PowerSubsystem`),
    EnvironmentMetrics: ref(`${path}/EnvironmentMetrics`),
    Sensors: ref(`${path}/Sensors`),
    NetworkAdapters: ref(`${path}/NetworkAdapters`),
    Links: {
      ComputerSystems: refs([paths.system]),
      ManagedBy: refs([paths.manager]),
      ManagersInChassis: refs([paths.manager]),
    },
  };
}

/** The members an old-style (Thermal, Power) element has. */
function element(ask: Ask, sensor: SensorSpec, where: string, index: number): Json {
  return {
    '@odata.id': `${ask.paths.chassis}/${where}/${index}`,
    MemberId: String(index),
    Name: sensor.name,
    SensorNumber: sensor.number,
    Status: status(ask.bmc.sensors.health(sensor), ask.bmc.sensors.reading(sensor) === null ? 'Absent' : 'Enabled'),
    UpperThresholdNonCritical: sensor.warnHigh,
    UpperThresholdCritical: sensor.criticalHigh,
    LowerThresholdNonCritical: sensor.warnLow,
    LowerThresholdCritical: sensor.criticalLow,
    PhysicalContext: sensor.context === 'PowerSupply' ? 'PowerSupply' : sensor.context,
  };
}

const ofKind = (ask: Ask, kind: SensorSpec['kind']) => ask.bmc.sensors.list().filter((s) => s.kind === kind);

function thermal(ask: Ask): Json | undefined {
  if (!isChassis(ask)) return undefined;
  const { sensors } = ask.bmc;
  return {
    ...head(`${ask.paths.chassis}/Thermal`, 'Thermal.v1_7_2', 'Thermal', 'Thermal'),
    Temperatures: ofKind(ask, 'Temperature').map((s, i) => ({
      ...element(ask, s, 'Thermal#/Temperatures', i),
      ReadingCelsius: sensors.reading(s),
    })),
    Fans: ofKind(ask, 'Rotational').map((s, i) => ({
      ...element(ask, s, 'Thermal#/Fans', i),
      Reading: sensors.reading(s),
      ReadingUnits: 'RPM',
    })),
  };
}

function power(ask: Ask): Json | undefined {
  if (!isChassis(ask)) return undefined;
  const { sensors } = ask.bmc;
  const input = ofKind(ask, 'Power')[0];
  const watts = input === undefined ? null : sensors.reading(input);
  return {
    ...head(`${ask.paths.chassis}/Power`, 'Power.v1_7_2', 'Power', 'Power'),
    PowerControl: [
      {
        '@odata.id': `${ask.paths.chassis}/Power#/PowerControl/0`,
        MemberId: '0',
        Name: 'System Power Control',
        PowerConsumedWatts: watts,
        PowerCapacityWatts: 800,
        PowerMetrics: {
          IntervalInMin: 1,
          MinConsumedWatts: watts,
          MaxConsumedWatts: watts,
          AverageConsumedWatts: watts,
        },
        Status: status(),
      },
    ],
    Voltages: ofKind(ask, 'Voltage').map((s, i) => ({
      ...element(ask, s, 'Power#/Voltages', i),
      ReadingVolts: sensors.reading(s),
    })),
    PowerSupplies: [
      {
        '@odata.id': `${ask.paths.chassis}/Power#/PowerSupplies/0`,
        MemberId: '0',
        Name: 'PS1',
        Manufacturer: 'Ingot Lab',
        Model: 'LAB PSU 800W',
        SerialNumber: `${ask.bmc.machine.spec.serialNumber}P1`,
        FirmwareVersion: '1.1',
        PowerSupplyType: 'AC',
        PowerCapacityWatts: 800,
        LineInputVoltage: 230,
        LastPowerOutputWatts: watts,
        Status: status(),
      },
    ],
  };
}

function sensor(ask: Ask): Json | undefined {
  const found = ask.bmc.sensors.get(ask.params[1] ?? '');
  if (!isChassis(ask) || found === undefined) return undefined;
  const threshold = (value: number | null) => (value === null ? undefined : { Reading: value });
  const thresholds = {
    UpperCaution: threshold(found.warnHigh),
    UpperCritical: threshold(found.criticalHigh),
    LowerCaution: threshold(found.warnLow),
    LowerCritical: threshold(found.criticalLow),
  };
  return {
    ...head(`${ask.paths.chassis}/Sensors/${found.id}`, 'Sensor.v1_9_0', found.id, found.name),
    ReadingType: found.kind,
    Reading: ask.bmc.sensors.reading(found),
    ReadingUnits: found.unit,
    PhysicalContext: found.context,
    Thresholds: Object.fromEntries(Object.entries(thresholds).filter(([, v]) => v !== undefined)),
    Status: status(ask.bmc.sensors.health(found)),
  };
}

function metrics(ask: Ask): Json | undefined {
  if (!isChassis(ask)) return undefined;
  const reading = (id: string) => {
    const found = ask.bmc.sensors.get(id);
    return found === undefined ? null : ask.bmc.sensors.reading(found);
  };
  const excerpt = (id: string) => ({ DataSourceUri: `${ask.paths.chassis}/Sensors/${id}`, Reading: reading(id) });
  return {
    ...head(
      `${ask.paths.chassis}/EnvironmentMetrics`,
      'EnvironmentMetrics.v1_3_1',
      'EnvironmentMetrics',
      'Environment Metrics',
    ),
    TemperatureCelsius: excerpt('InletTemp'),
    PowerWatts: excerpt('PS1Input'),
    FanSpeedsPercent: ['Fan1', 'Fan2'].map((id) => ({
      ...excerpt(id),
      Reading: Math.round(((reading(id) ?? 0) / 12_000) * 100),
      SpeedRPM: reading(id),
    })),
  };
}

/** The newer, split shape of Thermal and Power. */
function subsystem(name: 'ThermalSubsystem' | 'PowerSubsystem', member: 'Fans' | 'PowerSupplies'): Resource[] {
  const path = (ask: Ask) => `${ask.paths.chassis}/${name}`;
  const ids = (ask: Ask) => (member === 'Fans' ? ofKind(ask, 'Rotational').map((s) => s.id) : ['PS1']);
  return [
    {
      path: `/Chassis/{chassis}/${name}`,
      get: (ask) =>
        isChassis(ask)
          ? {
              ...head(
                path(ask),
                name === 'ThermalSubsystem' ? 'ThermalSubsystem.v1_3_2' : 'PowerSubsystem.v1_1_2',
                name,
                name,
              ),
              Status: status(ask.bmc.sensors.worst()),
              [member]: ref(`${path(ask)}/${member}`),
            }
          : undefined,
    },
    {
      path: `/Chassis/{chassis}/${name}/${member}`,
      get: (ask) =>
        isChassis(ask)
          ? collection(
              `${path(ask)}/${member}`,
              member === 'Fans' ? 'FanCollection' : 'PowerSupplyCollection',
              member,
              ids(ask).map((id) => `${path(ask)}/${member}/${id}`),
            )
          : undefined,
    },
    {
      path: `/Chassis/{chassis}/${name}/${member}/{member}`,
      get: (ask) => {
        const id = ask.params[1] ?? '';
        if (!isChassis(ask) || !ids(ask).includes(id)) return undefined;
        const base = `${path(ask)}/${member}/${id}`;
        if (member === 'PowerSupplies') {
          return {
            ...head(base, 'PowerSupply.v1_6_0', id, id),
            PowerSupplyType: 'AC',
            PowerCapacityWatts: 800,
            FirmwareVersion: '1.1',
            Status: status(),
          };
        }
        const fan = ask.bmc.sensors.get(id);
        const rpm = fan === undefined ? null : ask.bmc.sensors.reading(fan);
        const speed = {
          DataSourceUri: `${ask.paths.chassis}/Sensors/${id}`,
          Reading: Math.round(((rpm ?? 0) / 12_000) * 100),
          SpeedRPM: rpm,
        };
        return {
          ...head(base, 'Fan.v1_5_1', id, id),
          SpeedPercent: speed,
          Status: status(fan === undefined ? 'OK' : ask.bmc.sensors.health(fan)),
        };
      },
    },
  ];
}

export const chassisResources: readonly Resource[] = [
  {
    path: '/Chassis',
    get: (ask) => collection(`${ask.paths.root}/Chassis`, 'ChassisCollection', 'Chassis', [ask.paths.chassis]),
  },
  {
    path: '/Chassis/{chassis}',
    writer: 'Operator',
    get: chassis,
    patch: (ask, body) => {
      onlyKnown(body, ['AssetTag', 'IndicatorLED', 'LocationIndicatorActive']);
      const led = stringOf(body, 'IndicatorLED');
      if (led !== undefined && !['Lit', 'Blinking', 'Off'].includes(led))
        throw refuse('PropertyValueNotInList', led, 'IndicatorLED');
      const tag = stringOf(body, 'AssetTag');
      const active = booleanOf(body, 'LocationIndicatorActive');
      if (led !== undefined) ask.bmc.settings.indicator = led !== 'Off';
      if (active !== undefined) ask.bmc.settings.indicator = active;
      if (tag !== undefined) ask.bmc.settings.assetTag = tag;
      return undefined;
    },
  },
  { path: '/Chassis/{chassis}/Thermal', get: thermal },
  { path: '/Chassis/{chassis}/Power', get: power },
  { path: '/Chassis/{chassis}/EnvironmentMetrics', get: metrics },
  {
    path: '/Chassis/{chassis}/Sensors',
    get: (ask) =>
      isChassis(ask)
        ? collection(
            `${ask.paths.chassis}/Sensors`,
            'SensorCollection',
            'Sensors',
            ask.bmc.sensors.list().map((s) => `${ask.paths.chassis}/Sensors/${s.id}`),
          )
        : undefined,
  },
  { path: '/Chassis/{chassis}/Sensors/{sensor}', get: sensor },
  ...subsystem('ThermalSubsystem', 'Fans'),
  ...subsystem('PowerSubsystem', 'PowerSupplies'),
];
