import { defineErrors } from '#kernel/errors';

/** What building an image can fail with. */
export const errors = defineErrors({
  BuildNeedsApt: [501, () => 'Images are built from Debian packages: this needs apt-get and dpkg-deb, as on Debian'],
  BuildNoPackages: [502, (names: string, why: string) => `apt could not fetch ${names}: ${why}`],
  BuildNeedsTool: [501, (tool: string, install: string) => `${tool} is not installed; as root: ${install}`],
  BuildBroken: [500, (why: string) => `The image could not be built: ${why}`],
  BuildBadOption: [400, (why: string) => why],
  BuildBadKey: [400, (file: string, why: string) => `${file} cannot sign what starts machines: ${why}`],
});
