import type { CaptureNotes } from '#contracts/image';
import { addHistory } from './history.ts';

/** Writes into a machine's history what became of its captured disk, as the host that read it. */
export function captureNotes(conductor: string): CaptureNotes {
  return {
    captured: async (tx, { nodeUuid, imageId, error }) =>
      await addHistory(tx, [
        {
          nodeUuid,
          conductor,
          severity: error === null ? 'INFO' : 'ERROR',
          type: 'servicing',
          event:
            error === null
              ? `The captured disk is image ${imageId}: all of it was checked`
              : `The captured disk did not become image ${imageId}; the instance is as it was. ${error}`,
        },
      ]),
  };
}
