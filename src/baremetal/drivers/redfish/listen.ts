import { isJson, objectsOf, textOf } from '#protocols/redfish/json';
import { errors } from '../../errors.ts';
import type { RedfishBmc } from './bmc.ts';

/** Messages that say nothing of the machine: logins and the like come by the hundred. */
const CHATTER = /session|login|audit/i;

/**
 * Reads the BMC's stream of server-sent events (DSP0266, 12.5) until it ends. An event is only a hint to look: what
 * BMCs write into events differs too much to be taken for the truth.
 */
export async function listenTo(bmc: RedfishBmc, heard: () => void): Promise<void> {
  const service = await bmc.service('EventService');
  const uri = textOf(service?.body['ServerSentEventUri']);
  if (service?.body['ServiceEnabled'] === false || uri === null) {
    throw errors.UnsupportedDriverExtension(bmc.call.node.driver, 'events of this BMC');
  }
  await bmc.client.http.stream(uri, bmc.call.signal, (text) => {
    if (isOfMachine(text)) heard();
  });
}

function isOfMachine(text: string): boolean {
  try {
    const body: unknown = JSON.parse(text);
    const events = isJson(body) ? objectsOf(body['Events']) : [];
    return events.length === 0 || events.some((one) => !CHATTER.test(textOf(one['MessageId']) ?? ''));
  } catch {
    return true;
  }
}
