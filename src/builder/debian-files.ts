import type { BuildContext, ImageKind } from './contract.ts';

const unit = (text: string) => `${text.trim()}\n`;

const READY = unit(`
[Unit]
Description=Say on the console that the system is up
After=multi-user.target ssh.service ingot-user-data.service cloud-final.service
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo "INGOT-READY hostname=$(hostname) firmware=$([ -d /sys/firmware/efi ] && echo uefi || echo bios) address=$(hostname -I | cut -d " " -f 1)" > /dev/console'
[Install]
WantedBy=multi-user.target
`);

const FIRST_BOOT = unit(`
[Unit]
Description=Take name, keys and network from the config drive
DefaultDependencies=no
After=systemd-remount-fs.service systemd-udev-trigger.service local-fs.target
Before=systemd-networkd.service network-pre.target ssh.service systemd-hostnamed.service shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/lib/ingot/first-boot
[Install]
WantedBy=multi-user.target
`);

const USER_DATA = unit(`
[Unit]
Description=Run the user data of a new instance
After=network.target ssh.service ingot-first-boot.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/lib/ingot/user-data
StandardOutput=journal+console
[Install]
WantedBy=multi-user.target
`);

/** The drivers are those of the hook beside it; a level higher saves 1 % and takes half as long again. */
const INITRAMFS = 'MODULES=list\nCOMPRESS=zstd\nCOMPRESSLEVEL=6\n';

const CLOUD = `datasource_list: [ConfigDrive, NoCloud, None]
ssh_genkeytypes: [ed25519]
system_info:
  default_user: { name: debian, sudo: ['ALL=(ALL) NOPASSWD:ALL'], shell: /bin/bash, lock_passwd: true, groups: [adm, sudo] }
  network: { renderers: [networkd] }
`;

/** Files laid over the Debian system before its set-up script runs: path → text, and whether it is a program. */
export async function debianFiles(
  context: BuildContext,
  kind: Exclude<ImageKind, 'tiny'>,
  boot: { label: string; options: string },
): Promise<Map<string, { text: string; program?: true }>> {
  const { guestFiles, password } = context;
  const files = new Map<string, { text: string; program?: true }>([
    ['ingot-setup.sh', { text: await guestFiles('debian-setup.sh'), program: true }],
    ['etc/systemd/system/ingot-ready.service', { text: READY }],
    [
      'etc/fstab',
      {
        text: `LABEL=${boot.label} / ext4 defaults,errors=remount-ro 0 1\nLABEL=EFI /boot/efi vfat noauto,umask=0077 0 0\n`,
      },
    ],
    ['etc/kernel/cmdline', { text: `${boot.options}\n` }],
    ['etc/initramfs-tools/conf.d/ingot', { text: INITRAMFS }],
    ['etc/initramfs-tools/hooks/ingot-boot-drivers', { text: await guestFiles('boot-drivers.sh'), program: true }],
    ['etc/initramfs/post-update.d/ingot-efi', { text: await guestFiles('new-kernel.sh'), program: true }],
  ]);
  if (password !== undefined) files.set('ingot-password', { text: password });
  if (kind === 'debian') files.set('etc/cloud/cloud.cfg.d/50_ingot.cfg', { text: CLOUD });
  else {
    files.set('usr/lib/ingot/first-boot', { text: await guestFiles('first-boot.sh'), program: true });
    files.set('usr/lib/ingot/user-data', { text: await guestFiles('user-data.sh'), program: true });
    files.set('usr/lib/ingot/network.jq', { text: await guestFiles('network.jq') });
    files.set('etc/systemd/system/ingot-first-boot.service', { text: FIRST_BOOT });
    files.set('etc/systemd/system/ingot-user-data.service', { text: USER_DATA });
  }
  return files;
}
