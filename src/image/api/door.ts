import type { Door } from '#http/contract';
import type { Imports } from '../app/import-image.ts';
import type { ImageRoom } from '../room.ts';
import { glanceErrorBody } from './errors-glance.ts';
import { imageHandlers } from './image-handlers.ts';
import { infoHandlers } from './info-handlers.ts';
import { memberHandlers } from './member-handlers.ts';
import { imageRoutes } from './routes.ts';

/** The Image API, Glance's version 2, at `/image`. */
export function imageDoor(room: ImageRoom, imports: Imports): Door {
  return {
    name: 'image',
    title: 'Image',
    prefix: '/image',
    routes: imageRoutes,
    handlers: { ...infoHandlers, ...imageHandlers(room, imports), ...memberHandlers(room) },
    errorBody: (error) => glanceErrorBody(error),
  };
}
