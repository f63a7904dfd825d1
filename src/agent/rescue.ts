import type { Run } from './commands/command.ts';
import { errors } from './errors.ts';
import { outputOf } from './machine/contract.ts';

export interface RescueWish {
  password: string | null;
  hashed: boolean;
  keys: readonly string[];
}

/** crypt(3): SHA-256, SHA-512, yescrypt, bcrypt. Anything else is no hash of today. */
const HASH = /^\$(5|6|y|2[aby])\$[./A-Za-z0-9$=,-]{8,400}$/;
const KEY = /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)|sk-[a-z0-9@.-]+) [A-Za-z0-9+/]+=*( [^\r\n]*)?$/;
const USER = 'rescue';

/**
 * Lets the owner of the machine in: user `rescue`, who may become root, by password or key, over SSH and on the
 * console. The password goes to the shadow file by a tool's standard input, never by a command line. Throws
 * `RescueFailed`, and `BadParameters` for what is neither hash nor key.
 */
export async function setRescuePassword(run: Run, wish: RescueWish): Promise<void> {
  const { machine, log } = run;
  if (wish.password === null && wish.keys.length === 0)
    throw errors.BadParameters('a rescue password or key is needed');
  for (const key of wish.keys) {
    if (!KEY.test(key.trim())) throw errors.BadParameters("'ssh_key' is no public key");
  }
  let hash = '*';
  if (wish.password !== null) hash = wish.hashed ? wish.password : await hashed(run, wish.password);
  if (wish.password !== null && !HASH.test(hash))
    throw errors.BadParameters("'rescue_password' is not hashed as crypt(3) does");
  const days = Math.floor(run.clock.now() / 86_400_000);
  const passwd = withoutUser((await machine.text('/etc/passwd')) ?? 'root:x:0:0:root:/root:/bin/bash');
  const shadow = withoutUser((await machine.text('/etc/shadow')) ?? 'root:*:0:0:99999:7:::');
  const home = `/home/${USER}`;
  // Uid 0: the ramdisk has no sudo, and rescue without root would rescue nothing.
  await machine.put('/etc/passwd', `${passwd}\n${USER}:x:0:0:rescue:${home}:/bin/bash\n`, 0o644);
  await machine.put('/etc/shadow', `${shadow}\n${USER}:${hash}:${days}:0:99999:7:::\n`, 0o600);
  await machine.put('/etc/shells', '/bin/bash\n/bin/sh\n', 0o644);
  if (wish.keys.length > 0) {
    const keys = `${wish.keys.map((key) => key.trim()).join('\n')}\n`;
    await machine.put(`${home}/.ssh/authorized_keys`, keys, 0o600);
    await outputOf(machine, 'chmod', ['0700', home, `${home}/.ssh`]);
  } else {
    await machine.put(`${home}/.profile`, '', 0o644);
  }
  await startSsh(run);
  // Who has no network any more has the console.
  await outputOf(machine, '/usr/lib/ingot/logins', []);
  log.info('the machine can be entered as user rescue', { keys: wish.keys.length, password: wish.password !== null });
}

function withoutUser(text: string): string {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(`${USER}:`))
    .join('\n');
}

async function hashed(run: Run, password: string): Promise<string> {
  const answer = await run.machine.run('openssl', ['passwd', '-6', '-stdin'], { input: `${password}\n` });
  return answer.stdout.trim();
}

async function startSsh(run: Run): Promise<void> {
  const { machine } = run;
  if ((await machine.text('/run/ingot-ssh.pid')) !== null) return;
  try {
    await machine.put('/etc/dropbear/.keep', '');
    // -R makes host keys when first needed; it goes to the background by itself.
    await machine.run('dropbear', ['-R', '-P', '/run/ingot-ssh.pid']);
  } catch (error) {
    throw errors.RescueFailed('the SSH server of the ramdisk does not start', { cause: error });
  }
}
