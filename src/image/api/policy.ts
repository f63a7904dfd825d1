import type { RuleDefinition, RuleSet } from '#contracts/policy';

// Names are Glance's. As everywhere here, `admin` of any project is not the cloud's admin: only with the system's
// scope, or in the operators' own project.

const OWN = 'project_id:%(owner)s';
const MEMBER = 'project_id:%(member)s';
const ADMIN = 'rule:image_admin or rule:image_service';
const SEEN = `${ADMIN} or (role:reader and (${OWN} or ${MEMBER} or 'public':%(visibility)s or 'community':%(visibility)s or None:%(owner)s))`;
const CHANGED = `${ADMIN} or (role:member and ${OWN})`;

const rules: Readonly<Record<string, readonly [check: string, says: string]>> = {
  image_admin: ['role:admin and (system_scope:all or is_admin_project:True)', "The cloud's admin, for images"],
  image_service: ['role:service and (system_scope:all or is_service_project:True)', 'A service of ours, for images'],
  get_images: ['role:reader or role:service', "List one's own images, shared and public ones"],
  list_all_images: [ADMIN, "List everybody's images"],
  get_image: [SEEN, 'See an image'],
  add_image: [`${ADMIN} or role:member`, 'Make an image'],
  add_image_for_others: [ADMIN, 'Make an image that another project owns'],
  modify_image: [CHANGED, 'Change an image, its tags as well'],
  delete_image: [CHANGED, 'Delete an image'],
  publicize_image: [ADMIN, 'Make an image public'],
  communitize_image: [CHANGED, 'Offer an image to everybody who knows its id'],
  upload_image: [CHANGED, 'Send the bytes of an image'],
  download_image: [SEEN, 'Fetch the bytes of an image'],
  import_image: [CHANGED, 'Have an image fetched from a URL'],
  deactivate: [ADMIN, 'Take an image out of use'],
  reactivate: [ADMIN, 'Take an image into use again'],
  get_members: [`${CHANGED} or (role:reader and (${OWN} or ${MEMBER}))`, 'See with whom an image is shared'],
  add_member: [CHANGED, 'Share an image'],
  delete_member: [CHANGED, 'Stop sharing an image'],
  modify_member: [`${ADMIN} or (role:member and ${MEMBER})`, 'Accept an image that is shared'],
  get_image_info: ['', 'Ask what the image service can do'],
};

/** All rules of the image service. */
export const imageRules: RuleSet = {
  service: 'image',
  targets: ['owner', 'visibility', 'member'],
  rules: Object.entries(rules).map(([name, [check, description]]): RuleDefinition => ({ name, check, description })),
};
