import { HOST_PORT, optionalText, section, text, whole } from './fields.ts';

export const apiSettings = section('The door of the HTTP API.', {
  listen: text({
    default: '127.0.0.1:6385',
    pattern: HOST_PORT,
    flag: '--listen',
    allowed: 'HOST:PORT, such as 127.0.0.1:6385, 0.0.0.0:6385 or [::]:6385',
    description: 'Address and port of the API. Port 0 takes a free one.',
  }),
  public_url: optionalText({
    pattern: '^https?://[^\\s/]+[^\\s]*[^\\s/]$',
    allowed: 'a URL without a slash at its end, such as https://cloud.example.org',
    description: 'The URL clients use when a proxy stands before the API; links and the catalog carry it.',
  }),
  tls_cert: optionalText({
    description:
      'File of the certificate (PEM, with its chain) the API speaks TLS with. None: plain HTTP. Read again when it changes.',
  }),
  tls_key: optionalText({ description: 'File of its key (PEM).' }),
  ramdisk_listen: optionalText({
    pattern: HOST_PORT,
    flag: '--ramdisk-listen',
    allowed: 'HOST:PORT on the provisioning network, such as 172.22.0.1:6386',
    description:
      'Address and port for ramdisks: lookup, heartbeat and inspection reports are then answered here, and nowhere else. None: the API answers them.',
  }),
  ramdisk_url: optionalText({
    pattern: '^https?://[^\\s/]+[^\\s]*[^\\s/]$',
    allowed: 'a URL without a slash at its end, such as http://172.22.0.1:6386',
    description: 'The URL ramdisks are told to call. None: that of the address above, or of the API.',
  }),
  ramdisk_tls_cert: optionalText({
    description: 'File of the certificate (PEM, with its chain) ramdisks are answered with. None: plain HTTP.',
  }),
  ramdisk_tls_key: optionalText({ description: 'File of its key (PEM).' }),
  max_limit: whole({
    default: 1000,
    minimum: 1,
    maximum: 10_000,
    description: 'Rows of a list page, by default and at most.',
  }),
});
