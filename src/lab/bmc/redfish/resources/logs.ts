import type { BmcEvent } from '../../event-log.ts';
import { type Ask, collection, head, isoTime, type Json, ref, type Resource, status } from '../resource.ts';

/** The same log, once as the system's event log and once as the manager's SEL. */
function service(parent: 'Systems' | 'Managers', id: string, name: string, entryType: 'Event' | 'SEL'): Resource[] {
  const base = (ask: Ask) => `${parent === 'Systems' ? ask.paths.system : ask.paths.manager}/LogServices`;
  const here = (ask: Ask) =>
    ask.params[0] === (parent === 'Systems' ? ask.bmc.traits.systemId : ask.bmc.traits.managerId);
  const entry = (ask: Ask, event: BmcEvent): Json => ({
    ...head(`${base(ask)}/${id}/Entries/${event.id}`, 'LogEntry.v1_16_2', String(event.id), `Entry ${event.id}`),
    EntryType: entryType,
    Created: isoTime(event.at),
    Severity: event.severity,
    Message: event.message,
    MessageId: event.messageId,
    MessageArgs: event.args,
    ...(entryType === 'SEL'
      ? { SensorNumber: event.ipmi.sensorNumber, EntryCode: event.ipmi.deassert ? 'Deassert' : 'Assert' }
      : {}),
    Links: { OriginOfCondition: ref(event.origin) },
  });
  return [
    {
      path: `/${parent}/{parent}/LogServices`,
      get: (ask) =>
        here(ask) ? collection(base(ask), 'LogServiceCollection', 'Log Services', [`${base(ask)}/${id}`]) : undefined,
    },
    {
      path: `/${parent}/{parent}/LogServices/${id}`,
      get: (ask) =>
        here(ask)
          ? {
              ...head(`${base(ask)}/${id}`, 'LogService.v1_7_0', id, name),
              LogEntryType: entryType,
              MaxNumberOfRecords: ask.bmc.log.capacity,
              OverWritePolicy: 'WrapsWhenFull',
              DateTime: isoTime(ask.bmc.now()),
              ServiceEnabled: true,
              Status: status(),
              Entries: ref(`${base(ask)}/${id}/Entries`),
              Actions: { '#LogService.ClearLog': { target: `${base(ask)}/${id}/Actions/LogService.ClearLog` } },
            }
          : undefined,
    },
    {
      path: `/${parent}/{parent}/LogServices/${id}/Entries`,
      get: (ask) => {
        if (!here(ask)) return undefined;
        const entries = ask.bmc.log.list().map((event) => entry(ask, event));
        return {
          ...collection(`${base(ask)}/${id}/Entries`, 'LogEntryCollection', 'Entries', []),
          'Members@odata.count': entries.length,
          Members: entries,
        };
      },
    },
    {
      path: `/${parent}/{parent}/LogServices/${id}/Entries/{entry}`,
      get: (ask) => {
        const event = ask.bmc.log.get(Number(ask.params[1]));
        return event === undefined || !here(ask) ? undefined : entry(ask, event);
      },
      delete: (ask) => {
        ask.bmc.log.delete(Number(ask.params[1]));
        return undefined;
      },
    },
    {
      path: `/${parent}/{parent}/LogServices/${id}/Actions/LogService.ClearLog`,
      post: (ask) => {
        ask.bmc.log.clear();
        ask.bmc.ledger.add(ask.bmc.name, 'action', ask.caller, 'log.clear');
        return undefined;
      },
    },
  ];
}

export const logResources: readonly Resource[] = [
  ...service('Systems', 'EventLog', 'System Event Log', 'Event'),
  ...service('Managers', 'Sel', 'SEL', 'SEL'),
];
