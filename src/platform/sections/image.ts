import { HOST_PORT, list, optionalText, section, whole } from './fields.ts';

export const imageSettings = section('Images: where they come from, and how they are kept ready for machines.', {
  glance_url: optionalText({
    pattern: '^https?://[^\\s]+$',
    allowed: 'a URL, such as https://glance.example.org:9292',
    description:
      'An existing Glance. Images named by UUID or `glance://` are read there, as the account of `auth.keystone_user`. None: they are those of the own Image service.',
  }),
  file_folders: list({
    default: [],
    description: 'Folders that `file://` URLs of images may lead into. None: such URLs are refused.',
  }),
  allowed_networks: list({
    default: [],
    description:
      "Networks that images may be fetched from although they are this host's own or link-local, such as `127.0.0.0/8`. Every other address may be fetched from.",
  }),
  cache_gib: whole({
    default: 50,
    minimum: 1,
    maximum: 1_000_000,
    description: 'GiB of disk for images that are ready to be written; what was used longest ago goes first.',
  }),
  max_virtual_gib: whole({
    default: 1024,
    minimum: 1,
    maximum: 1_000_000,
    description: 'GiB of the largest disk an image may become.',
  }),
  max_source_gib: whole({
    default: 256,
    minimum: 1,
    maximum: 1_000_000,
    description: 'GiB of the largest file an image may be.',
  }),
  max_ratio: whole({
    default: 2000,
    minimum: 10,
    maximum: 1_000_000,
    description: 'How many times a packed image may grow when it is unpacked, past its first GiB.',
  }),
  stall_s: whole({
    default: 30,
    minimum: 1,
    maximum: 3600,
    description: 'Seconds without a byte after which the source of an image counts as gone, and is asked again.',
  }),
  convert_timeout_s: whole({
    default: 3600,
    minimum: 10,
    maximum: 86_400,
    description: 'Seconds that converting an image may take.',
  }),
  max_uploads: whole({
    default: 16,
    minimum: 1,
    maximum: 1024,
    description: 'Blocks and disks sent to machines at a time; machines serve one another beside.',
  }),
  ticket_s: whole({
    default: 21_600,
    minimum: 300,
    maximum: 604_800,
    description: 'Seconds for which the address a machine fetches an image from is good.',
  }),
  listen: optionalText({
    pattern: HOST_PORT,
    flag: '--image-listen',
    allowed: 'HOST:PORT on the provisioning network, such as 10.20.0.2:6386',
    description:
      'Where a conductor without the API (role `conductor`) serves the images it prepared to machines. Images are prepared by the conductor that deploys, so each such host needs it.',
  }),
  serve_url: optionalText({
    pattern: '^https?://[^\\s/]+$',
    allowed: 'a URL without a path, such as http://10.20.0.1:6386',
    description:
      'As machines reach the door that serves images on this host. None: the address of `listen`, of what ramdisks call, or of the API.',
  }),
});
