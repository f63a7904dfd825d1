import { errors } from '../errors.ts';

/** Runs a statement; a collision with what is there becomes this room's 409 with a sentence about it. */
export async function orConflict<T>(what: string, why: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'Conflict') throw errors.Conflict(what, why, { cause: error });
    throw error;
  }
}
