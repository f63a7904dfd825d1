/** Prefix of the door through which machines fetch and send disks. */
export const IMAGE_DATA = '/image-data';
