import type { Door, Handlers } from '#http/contract';
import { errors } from '../errors.ts';
import type { EventInboxes } from './inboxes.ts';
import { type eventRoutes, eventTable } from './routes.ts';

/** The door BMCs send events to, for a listener of its own. Who is not the BMC learns no more than who guesses. */
export function createEventsDoor(inboxes: EventInboxes): Door {
  const handlers: Handlers<typeof eventRoutes> = {
    'bmc_event.take': ({ source, log }, { params, body }) => {
      const receipt = inboxes.receive(params['inbox'] ?? '', source, body);
      if (receipt === 'stranger') log.warn({ source }, 'an event came from an address that is not its BMC');
      if (receipt !== 'heard') throw errors.NotFound();
      return {};
    },
  };
  return {
    ...eventTable,
    handlers,
    errorBody: ({ code, message }) => ({ error: { code, message } }),
  };
}
