import type { Client } from '#sdk/client';
import { SdkError } from '#sdk/errors';
import { baremetal } from '#sdk/generated/baremetal';

const LOOKS = 100;
const LOOK_MS = 100;

/**
 * Does what needs the console to be switched on; where it is off it is switched on first, for that is what somebody
 * who connects to it wants. `told` is told. Throws what either is refused with.
 */
export async function withConsoleOn<T>(
  client: Client,
  node: string,
  told: (text: string) => void,
  use: () => Promise<T>,
): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (!(error instanceof SdkError) || error.status !== 409 || !/ is switched off/.test(error.message)) throw error;
  }
  const params = { node_ident: node };
  const api = client.baremetal;
  await api.loose(baremetal.nodeConsoleSet, { params, body: { enabled: true } });
  for (let look = 0; look < LOOKS; look++) {
    const shown = (await api.loose(baremetal.nodeConsoleShow, { params })) as { console_enabled?: boolean };
    if (shown.console_enabled === true) break;
    await api.clock.sleep(LOOK_MS);
  }
  told('its console was off and is on now');
  return await use();
}
