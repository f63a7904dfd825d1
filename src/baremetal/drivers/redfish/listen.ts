import { IngotError } from '#kernel/errors';
import { isJson, objectsOf, textOf } from '#protocols/redfish/json';
import { errors } from '../../errors.ts';
import type { BmcEars } from '../contract.ts';
import type { RedfishBmc } from './bmc.ts';
import { hearByPush } from './push.ts';

/** Messages that say nothing of the machine: logins and the like come by the hundred. */
const CHATTER = /session|login|audit/i;

/**
 * Hears the BMC's events until there is nothing more to hear: sent to us by the BMC where they arrive, else read from
 * its stream of server-sent events (DSP0266, 12.5). An event is only a hint to look: what BMCs write into events
 * differs too much to be taken for the truth.
 */
export async function listenTo(bmc: RedfishBmc, ears: BmcEars): Promise<void> {
  const service = await bmc.service('EventService');
  if (service === undefined || service.body['ServiceEnabled'] === false) throw nothing(bmc);
  const uri = textOf(service.body['ServerSentEventUri']);
  const heard = (body: unknown) => {
    if (isOfMachine(body)) ears.heard();
  };
  const inbox = await ears.inbox(new URL(bmc.client.http.origin).hostname);
  if (inbox !== null) {
    try {
      const parts = {
        heard,
        opened: () => ears.opened(),
        get comesBack() {
          return ears.comesBack;
        },
      };
      if ((await hearByPush(bmc, service, inbox, parts, uri === null)) === 'over') return;
    } finally {
      inbox.close();
    }
  }
  if (uri === null) throw nothing(bmc);
  if (!ears.mayStream()) return;
  await bmc.client.http.stream(uri, bmc.call.signal, {
    opened: () => ears.opened(),
    data: (text) => heard(parsed(text)),
  });
}

const nothing = (bmc: RedfishBmc): IngotError =>
  errors.UnsupportedDriverExtension(bmc.call.node.driver, 'events of this BMC');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What cannot be read may be anything. */
function isOfMachine(body: unknown): boolean {
  const events = isJson(body) ? objectsOf(body['Events']) : [];
  return events.length === 0 || events.some((one) => !CHATTER.test(textOf(one['MessageId']) ?? ''));
}
