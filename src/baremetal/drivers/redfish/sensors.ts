import type { Resource } from '#protocols/redfish/client';
import { type Json, listOf, linksOf, numberOf, objectAt, objectsOf, textOf } from '#protocols/redfish/json';
import type { Document } from '../../model/node.ts';
import type { Health } from '../contract.ts';
import type { RedfishBmc } from './bmc.ts';

/** Sensor data in Ironic's shape: by kind, then by name and the chassis it is in. */
export async function sensors(bmc: RedfishBmc): Promise<Document> {
  const system = await bmc.system();
  const data: Record<string, Document> = { Temperature: {}, Fan: {}, Power: {}, Drive: {} };
  const put = (kind: string, name: string, chassis: Resource, facts: Document) => {
    const of = data[kind];
    if (of !== undefined) of[`${name}@${textOf(chassis.body['Id']) ?? chassis.path}`] = facts;
  };
  for (const chassis of await bmc.chassis(system)) {
    const thermal = await bmc.client.follow(chassis.body['Thermal'], bmc.ask);
    const power = await bmc.client.follow(chassis.body['Power'], bmc.ask);
    for (const one of objectsOf(thermal?.body['Temperatures'])) put('Temperature', nameOf(one), chassis, heat(one));
    for (const one of objectsOf(thermal?.body['Fans'])) put('Fan', nameOf(one), chassis, fan(one));
    for (const one of objectsOf(power?.body['PowerSupplies'])) put('Power', nameOf(one), chassis, supply(one));
    if (thermal === undefined && power === undefined) await newer(bmc, chassis, put);
  }
  for (const { controller, drive } of await drivesOf(bmc, system)) {
    put('Drive', nameOf(drive.body), controller, {
      name: textOf(drive.body['Name']),
      model: textOf(drive.body['Model']),
      capacity_bytes: numberOf(drive.body['CapacityBytes']),
      ...statusOf(drive.body),
    });
  }
  return Object.fromEntries(Object.entries(data).filter(([, of]) => Object.keys(of).length > 0));
}

/** Health of the whole system. */
export const health = async (bmc: RedfishBmc): Promise<Health | null> => healthOf(await bmc.system());

/** The same of a system that was read. */
export function healthOf({ body }: Resource): Health | null {
  const status = objectAt(body, 'Status');
  const said = textOf(status['HealthRollup']) ?? textOf(status['Health']);
  return said === 'OK' || said === 'Warning' || said === 'Critical' ? said : null;
}

/** Newer services have single sensors instead of Thermal and Power. */
async function newer(
  bmc: RedfishBmc,
  chassis: Resource,
  put: (kind: string, name: string, chassis: Resource, facts: Document) => void,
): Promise<void> {
  const kinds: Record<string, string> = { Temperature: 'Temperature', Rotational: 'Fan', Power: 'Power' };
  for (const { body } of await bmc.client.members(chassis.body['Sensors'], bmc.ask)) {
    const kind = kinds[textOf(body['ReadingType']) ?? ''];
    if (kind === undefined) continue;
    const facts = { reading: numberOf(body['Reading']), reading_units: textOf(body['ReadingUnits']) };
    put(kind, nameOf(body), chassis, {
      ...(kind === 'Temperature' ? { reading_celsius: facts.reading } : facts),
      ...statusOf(body),
    });
  }
}

async function drivesOf(bmc: RedfishBmc, system: Resource): Promise<{ controller: Resource; drive: Resource }[]> {
  const found: { controller: Resource; drive: Resource }[] = [];
  for (const controller of await bmc.client.members(system.body['Storage'], bmc.ask)) {
    for (const drive of await bmc.client.all(linksOf(listOf(controller.body['Drives'])), bmc.ask)) {
      found.push({ controller, drive });
    }
  }
  return found;
}

const nameOf = (body: Json) => textOf(body['Name']) ?? textOf(body['MemberId']) ?? textOf(body['Id']) ?? 'unnamed';

const statusOf = (body: Json) => {
  const status = objectAt(body, 'Status');
  return { state: textOf(status['State']), health: textOf(status['Health']) };
};

const heat = (one: Json): Document => ({
  identity: textOf(one['MemberId']),
  reading_celsius: numberOf(one['ReadingCelsius']),
  upper_threshold_critical: numberOf(one['UpperThresholdCritical']),
  upper_threshold_fatal: numberOf(one['UpperThresholdFatal']),
  physical_context: textOf(one['PhysicalContext']),
  ...statusOf(one),
});

const fan = (one: Json): Document => ({
  identity: textOf(one['MemberId']),
  reading: numberOf(one['Reading']),
  reading_units: textOf(one['ReadingUnits']),
  lower_threshold_fatal: numberOf(one['LowerThresholdFatal']),
  ...statusOf(one),
});

const supply = (one: Json): Document => ({
  identity: textOf(one['MemberId']),
  power_capacity_watts: numberOf(one['PowerCapacityWatts']),
  line_input_voltage: numberOf(one['LineInputVoltage']),
  last_power_output_watts: numberOf(one['LastPowerOutputWatts']),
  serial_number: textOf(one['SerialNumber']),
  ...statusOf(one),
});
