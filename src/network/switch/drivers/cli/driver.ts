import { IngotError, messageOf } from '#kernel/errors';
import { SshConnection } from '#protocols/ssh/client';
import type { SwitchAbilities } from '#contracts/switches';
import { errors } from '../../errors.ts';
import type { DriverParts, SwitchDriver, SwitchSession, SwitchTarget } from '../contract.ts';
import { readAddress } from '../address.ts';
import { filterDirections } from '../filter-option.ts';
import { CliSession } from './session.ts';
import type { Platform } from './platform.ts';

/** A switch with a command line over SSH; what is typed is the platform's table. */
export class CliDriver implements SwitchDriver {
  readonly abilities: SwitchAbilities;
  readonly isolates = false;
  readonly lagRange;
  readonly #platform: Platform;
  readonly #parts: DriverParts;

  constructor(platform: Platform, parts: DriverParts) {
    this.#platform = platform;
    this.#parts = parts;
    this.abilities = this.abilitiesWith({});
    this.lagRange = platform.lag?.range ?? ([1, 0] as const);
  }

  abilitiesWith(options: Readonly<Record<string, string>>): SwitchAbilities {
    const { acl, abilities } = this.#platform;
    return {
      ...abilities,
      cutsLinks: true,
      acl: acl === undefined ? [] : filterDirections(options, acl.directions, acl.usual),
      ...(acl?.noKinds === true ? { icmpTypes: false as const } : {}),
    };
  }

  portName(text: string): string | null {
    let name = text;
    for (const [pattern, full] of this.#platform.aliases) {
      const said = name.replace(pattern, full);
      if (this.#platform.portName.test(said)) {
        name = said;
        break;
      }
    }
    return this.#platform.portName.test(name) ? name : null;
  }

  async open(target: SwitchTarget, signal: AbortSignal): Promise<SwitchSession> {
    const { clock, callMs = 30_000 } = this.#parts;
    const connection = await openSsh(target, { clock, connectMs: callMs }, signal);
    try {
      return await CliSession.open(connection, this.#platform, target, { clock, callMs }, signal);
    } catch (error) {
      connection.close();
      throw error;
    }
  }
}

/** Logs in. Throws `SwitchUnreachable`, `SwitchLogin`, `SwitchOtherKey`. */
export async function openSsh(
  target: SwitchTarget,
  { clock, connectMs }: { clock: DriverParts['clock']; connectMs: number },
  signal: AbortSignal,
  usualPort = 22,
): Promise<SshConnection> {
  const { username, password, privateKey } = target.login;
  if (username === null) throw errors.SwitchLogin(target.name, 'no user name is set');
  const { host, port } = readAddress(target.address, usualPort);
  try {
    return await SshConnection.open(
      { host, port, username, password, privateKey, hostKey: target.hostKey, clock, connectMs },
      signal,
    );
  } catch (error) {
    if (!(error instanceof IngotError)) throw error;
    if (error.code === 'SshLogin') throw errors.SwitchLogin(target.name, error.message, { cause: error });
    if (error.code === 'SshOtherKey') throw errors.SwitchOtherKey(target.name, error.message, { cause: error });
    throw errors.SwitchUnreachable(target.name, messageOf(error), { cause: error });
  }
}
