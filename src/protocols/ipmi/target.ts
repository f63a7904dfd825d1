import type { Secret } from '#kernel/secret';

export type Privilege = 'ADMINISTRATOR' | 'OPERATOR' | 'USER' | 'CALLBACK';

/** The way to a management controller behind the BMC. Addresses and channels as ipmitool takes them. */
export interface Bridge {
  localAddress: string | null;
  transitChannel: string | null;
  transitAddress: string | null;
  targetChannel: string;
  targetAddress: string;
}

/** A BMC as IPMI over LAN reaches it. */
export interface IpmiTarget {
  address: string;
  port: number;
  username: string | null;
  password: Secret | null;
  /** K_g in hexadecimal digits. */
  kg: Secret | null;
  /** Null: ADMINISTRATOR is asked for, and OPERATOR where that is refused without a reason. */
  privilege: Privilege | null;
  protocol: '2.0' | '1.5';
  /** Null: 17 is tried, then 3, and what worked is remembered. */
  cipherSuite: number | null;
  bridge: Bridge | null;
  /** Milliseconds between two commands. */
  intervalMs: number;
}

/** One way to log in. */
export interface LoginWay {
  suite: number;
  privilege: Privilege;
}

/** Ways worth trying, the best first: old BMCs know no suite 17. */
export function waysToTry(target: IpmiTarget): LoginWay[] {
  const suites = target.cipherSuite === null ? [17, 3] : [target.cipherSuite];
  return suites.map((suite) => ({ suite, privilege: target.privilege ?? 'ADMINISTRATOR' }));
}

/**
 * A last way for a login that failed without a reason. Some BMCs hash keys with the privilege of Open Session
 * in place of RAKP 1's (FreeIPMI's opensesspriv), and ipmitool names none there when it asks for ADMINISTRATOR. As
 * OPERATOR it names it, both are the same, and that is enough for power, boot device and console. Undefined: there is
 * nothing more to try.
 */
export function openPrivilegeWay(target: IpmiTarget, refused: LoginWay | undefined): LoginWay | undefined {
  if (target.protocol !== '2.0' || target.privilege !== null || refused?.privilege !== 'ADMINISTRATOR')
    return undefined;
  return { suite: refused.suite, privilege: 'OPERATOR' };
}

/**
 * Arguments of ipmitool that say where and as whom. Password and a K_g of plain text are not among them: the
 * process list is for everybody.
 */
export function targetArguments(
  target: IpmiTarget,
  { suite, privilege }: LoginWay,
  how: { passwordFile: string | null; attempts: number; waitS: number },
): string[] {
  const args = ['-I', target.protocol === '1.5' ? 'lan' : 'lanplus', '-H', target.address, '-p', String(target.port)];
  args.push('-L', privilege, '-N', String(how.waitS), '-R', String(how.attempts));
  if (target.username !== null) args.push('-U', target.username);
  if (how.passwordFile !== null) args.push('-f', how.passwordFile);
  if (target.protocol === '2.0') args.push('-C', String(suite));
  if (target.kg !== null) args.push(...(kgText(target.kg) === null ? ['-y', target.kg.reveal()] : ['-K']));
  const { bridge } = target;
  if (bridge !== null) {
    if (bridge.localAddress !== null) args.push('-m', bridge.localAddress);
    if (bridge.transitChannel !== null) args.push('-B', bridge.transitChannel);
    if (bridge.transitAddress !== null) args.push('-T', bridge.transitAddress);
    args.push('-b', bridge.targetChannel, '-t', bridge.targetAddress);
  }
  return args;
}

/** A K_g that is printable goes through the environment; null: it cannot. */
export function kgText(kg: Secret): string | null {
  const text = Buffer.from(kg.reveal(), 'hex').toString('latin1').replace(/\0+$/, '');
  return /^[ -~]+$/.test(text) ? text : null;
}
