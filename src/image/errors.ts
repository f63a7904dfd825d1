import { defineErrors } from '#kernel/errors';

/** What the image service refuses, with the sentence people read. */
export const errors = defineErrors({
  ImageSourceUnknown: [
    400,
    (what: string) => `${what} is no image: give a URL (http, https, file), glance://<uuid> or the UUID of an image`,
  ],
  ImageFileRefused: [403, (why: string) => `The image file is not read: ${why}`],
  ImageAbsent: [404, (what: string) => `There is no image ${what}`],
  ImageNotActive: [409, (id: string, status: string) => `Image ${id} cannot be used: it is ${status}`],
  ImageHostile: [422, (why: string) => `The image is refused: ${why}`],
  ImageFormat: [
    422,
    (declared: string, found: string) => `The image is declared ${declared}, but what is in the file is ${found}`,
  ],
  ImageTooLarge: [
    422,
    (what: string, limit: number) => `The image is refused: ${what} is more than the ${limit} bytes allowed here`,
  ],
  ImageRatio: [422, (ratio: number) => `The image is refused: it grows more than ${ratio} times when it is unpacked`],
  ImageEmpty: [422, () => 'The image is empty'],
  ImageChecksum: [
    422,
    (algorithm: string, expected: string, actual: string) =>
      `The image's ${algorithm} is ${actual}, but ${expected} was expected`,
  ],
  ImageChecksumUnknown: [400, (why: string) => `The checksum cannot be used: ${why}`],
  ImageChanged: [409, () => 'The image changed at its source while it was fetched; try again'],
  ImageCut: [
    502,
    (bytes: number, total: number | null) =>
      `The source ended after ${bytes} of ${total ?? 'an unknown number of'} bytes`,
  ],
  ImageSourceStatus: [502, (host: string, status: number) => `${host} answered ${status} for the image`],
  ImageBroken: [422, (why: string) => `The image cannot be read: ${why}`],
  ImageNoSpace: [
    507,
    (needed: number, free: number) => `There is no room for the image: it needs ${needed} bytes, ${free} may be used`,
  ],
  ImageCaptureUnknown: [404, (id: string) => `There is no capture ${id}`],
  ImageTicketUnknown: [404, () => 'This address is not, or no longer, good'],
  ImageBlockUnknown: [404, () => 'The image has no such block'],
  ImageBusy: [503, () => 'Enough machines are being served; ask again'],
  ImageInvalid: [400, (why: string) => why],
  ImageForbidden: [403, (why: string) => why],
  ImageConflict: [409, (why: string) => why],
});
