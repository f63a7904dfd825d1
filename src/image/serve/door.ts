import type { Door } from '#http/contract';
import { glanceErrorBody } from '../api/errors-glance.ts';
import { IMAGE_DATA } from '../model/addresses.ts';
import type { ImageRoom } from '../room.ts';
import { captureHandlers } from './capture-handlers.ts';
import { fetchHandlers } from './handlers.ts';
import { serveRoutes } from './routes.ts';

/** The door of machines: what ramdisks fetch and send. Belongs on the provisioning network. */
export function imageDataDoor(room: ImageRoom): Door {
  return {
    name: 'imagedata',
    title: 'Image data',
    prefix: IMAGE_DATA,
    routes: serveRoutes,
    handlers: { ...fetchHandlers(room), ...captureHandlers(room) },
    errorBody: (error) => glanceErrorBody(error),
  };
}
