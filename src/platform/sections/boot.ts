import { choice, flag, HOST_PORT, list, optionalText, section, text, whole } from './fields.ts';

const METHODS = ['virtual-media', 'uefi-http', 'ipxe', 'pxe'] as const;
const ADDRESS = '[0-9a-fA-F:.]+';

export const bootSettings = section(
  'What machines boot from, on their provisioning network. Nothing of it runs until `interface` is set.',
  {
    interface: optionalText({
      pattern: '^[A-Za-z0-9._-]{1,15}$',
      allowed: 'the name of a network interface, such as eno2',
      description:
        'Interface of this host on the provisioning network. DHCP, TFTP and HTTP for machines are served there and nowhere else. None: machines boot by other means.',
    }),
    elsewhere: flag({
      default: false,
      description:
        'Other processes (role `boot`) serve machines; this one only tells them what. For conductors on hosts of their own.',
    }),
    http_port: whole({
      default: 80,
      minimum: 1,
      maximum: 65_535,
      description:
        'Port of HTTP for machines on that interface. GRUB and some firmware know no other than 80, so Secure Boot over the network needs it.',
    }),
    dhcp: choice(['on', 'proxy', 'off'], {
      default: 'on',
      description:
        '`on`: Ingot answers DHCP (dnsmasq) on that interface. `proxy`: another DHCP server gives addresses, Ingot tells machines what to boot. `off`: neither DHCP nor TFTP; machines boot from virtual media.',
    }),
    dhcp_range: optionalText({
      pattern: `^${ADDRESS}-${ADDRESS}$`,
      allowed: 'FIRST-LAST, such as 172.22.0.100-172.22.0.200',
      description: "IPv4 addresses handed out. None: the upper half of the interface's network.",
    }),
    dhcp_range6: optionalText({
      pattern: `^${ADDRESS}-${ADDRESS}$`,
      allowed: 'FIRST-LAST, such as fd00:22::100-fd00:22::1ff',
      description:
        "IPv6 addresses handed out, where the interface has one. None: the upper half of the interface's network. Systems also make their own from its prefix, which is advertised.",
    }),
    lease_s: whole({ default: 3600, minimum: 120, maximum: 604_800, description: 'Seconds an address is lent.' }),
    routers: list({ default: [], description: 'Routers told to machines. None: their network leads nowhere else.' }),
    nameservers: list({ default: [], description: 'Name servers told to machines.' }),
    discovery: flag({
      default: false,
      description:
        'Answer machines nobody offered a boot to, with the ramdisk that reports them. Otherwise they are ignored.',
    }),
    methods: list({
      default: [...METHODS],
      items: METHODS,
      description: 'How machines may boot the ramdisk, best first; what a machine cannot do is passed over.',
    }),
    media_listen: optionalText({
      pattern: HOST_PORT,
      allowed: 'HOST:PORT on the network of the BMCs, such as 10.0.0.1:6388',
      description:
        'Another address where BMCs fetch virtual media, and nothing else is served. None: they fetch it on the provisioning network.',
    }),
    media_url: optionalText({
      pattern: '^https?://[^\\s/]+$',
      allowed: 'a URL without a path, such as http://10.0.0.1:6388',
      description: 'The URL BMCs know that address by. None: made of the address.',
    }),
    ramdisk_dir: text({
      default: '',
      description:
        'Folder of deploy ramdisks (`ingot ramdisk build`). Empty: `/var/cache/ingot/ramdisk` for root, else `ingot/ramdisk` in the cache folder of the user.',
    }),
    kernel_parameters: list({
      default: ['console=tty0', 'console=ttyS0,115200n8', 'quiet'],
      description: 'Kernel parameters of every ramdisk, before those of the boot.',
    }),
    offer_minutes: whole({
      default: 180,
      minimum: 5,
      maximum: 1440,
      description: 'Minutes a boot is offered to a machine; its URLs mean nothing afterwards.',
    }),
    attempt_minutes: whole({
      default: 15,
      minimum: 1,
      maximum: 240,
      description:
        "Minutes a machine may take from power-on to the ramdisk's first call before the next way to boot is tried in the same operation. The last way has all the time of the state.",
    }),
    file_folders: list({
      default: [],
      description:
        'Folders whose files may be named as kernel, initrd or ISO of a node. None: only the deploy ramdisk, prepared images and files by http(s) URL boot.',
    }),
    max_file_gib: whole({
      default: 16,
      minimum: 1,
      maximum: 1024,
      description:
        'GiB of the largest kernel, ramdisk or ISO that is fetched from an http(s) URL a node names. They are fetched past the same guard as images (`image.allowed_networks`).',
    }),
  },
);
