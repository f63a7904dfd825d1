import type { Door } from '#http/contract';
import { keystoneErrorBody } from '#http/errors-keystone';
import type { Room } from '../app/room.ts';
import type { ConnectDoor } from '../sessions/connect.ts';
import { consoleHandlers } from './handlers.ts';
import { consoleTable } from './routes.ts';

/** The console's door. */
export function createConsoleDoor(room: Room, connect: ConnectDoor): Door {
  return { ...consoleTable, handlers: consoleHandlers(room, connect), errorBody: keystoneErrorBody };
}
