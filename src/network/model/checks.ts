// The usual checks of policy, in oslo.policy's language. As everywhere here, `admin` of any project is not the cloud's
// admin: only with the system's scope, or in the operators' own project. Services of ours count as it.

const OWN = 'project_id:%(project_id)s';
export const ADMIN = 'rule:network_admin';
/** The cloud's admin, and whoever may look at everything. */
export const ADMIN_READER = `${ADMIN} or rule:network_reader`;
export const OWNER_READER = `${ADMIN_READER} or (role:reader and ${OWN})`;
export const OWNER_MEMBER = `${ADMIN} or (role:member and ${OWN})`;
/** Whoever owns the network that it is in. */
export const NETWORK_MEMBER = `${ADMIN} or (role:member and project_id:%(network_project)s)`;
export const OWNER_OR_NETWORK_MEMBER = `${OWNER_MEMBER} or (role:member and project_id:%(network_project)s)`;
export const SHARED_READER = `${OWNER_READER} or (role:reader and True:%(shared)s)`;
