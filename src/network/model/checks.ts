// The usual checks of policy, in oslo.policy's language. As everywhere here, `admin` of any project is not the cloud's
// admin: only with the system's scope, or in the operators' own project. Services of ours count as it.

const OWN = 'project_id:%(project_id)s';
export const ADMIN = 'rule:network_admin';
/** The cloud's admin, and whoever may look at everything. */
export const ADMIN_READER = `${ADMIN} or rule:network_reader`;
export const OWNER_READER = `${ADMIN_READER} or (role:reader and ${OWN})`;
export const OWNER_MEMBER = `${ADMIN} or (role:member and ${OWN})`;
export const SHARED_READER = `${OWNER_READER} or (role:reader and True:%(shared)s)`;
