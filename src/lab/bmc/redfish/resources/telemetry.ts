import { type Ask, collection, head, isoTime, type Json, ref, type Resource, status } from '../resource.ts';
import { BIOS_REGISTRY } from './bios.ts';

const SERVICE = '/redfish/v1/TelemetryService';

function report(ask: Ask): Json {
  const { sensors } = ask.bmc;
  return {
    ...head(`${SERVICE}/MetricReports/Sensors`, 'MetricReport.v1_5_1', 'Sensors', 'All sensors'),
    ReportSequence: String(Math.floor(ask.bmc.clock.monotonic() / 1000)),
    Timestamp: isoTime(ask.bmc.now()),
    MetricValues: sensors.list().map((s) => ({
      MetricId: s.id,
      MetricValue: String(sensors.reading(s) ?? ''),
      MetricProperty: `${ask.paths.chassis}/Sensors/${s.id}#/Reading`,
      Timestamp: isoTime(ask.bmc.now()),
    })),
  };
}

export const telemetryResources: readonly Resource[] = [
  {
    path: '/TelemetryService',
    get: () => ({
      ...head(SERVICE, 'TelemetryService.v1_3_3', 'TelemetryService', 'Telemetry Service'),
      Status: status(),
      MetricReports: ref(`${SERVICE}/MetricReports`),
    }),
  },
  {
    path: '/TelemetryService/MetricReports',
    get: () =>
      collection(`${SERVICE}/MetricReports`, 'MetricReportCollection', 'Metric Reports', [
        `${SERVICE}/MetricReports/Sensors`,
      ]),
  },
  {
    path: '/TelemetryService/MetricReports/{report}',
    get: (ask) => (ask.params[0] === 'Sensors' ? report(ask) : undefined),
  },
  {
    path: '/Registries',
    get: () =>
      collection('/redfish/v1/Registries', 'MessageRegistryFileCollection', 'Registries', [
        '/redfish/v1/Registries/LabBiosAttributeRegistry',
      ]),
  },
  {
    path: '/Registries/LabBiosAttributeRegistry',
    get: () => ({
      ...head(
        '/redfish/v1/Registries/LabBiosAttributeRegistry',
        'MessageRegistryFile.v1_1_5',
        'LabBiosAttributeRegistry',
        'BIOS Attribute Registry File',
      ),
      Registry: BIOS_REGISTRY,
      Languages: ['en'],
      'Languages@odata.count': 1,
      Location: [{ Language: 'en', Uri: '/redfish/v1/Registries/LabBiosAttributeRegistry/Definition' }],
      'Location@odata.count': 1,
    }),
  },
];
