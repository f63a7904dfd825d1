/**
 * From which microversion on a request may do what, beside the fields and filters of a resource's own table
 * (`api/versions/`). All of them are here, by name: code compares with a name, never with a number. Source: the
 * history of Ironic's REST API versions.
 */
export const VERSION_RULES = {
  /** Nodes are found by their name, not by UUID alone. */
  nodeNames: 5,
  /** `fields` of a GET. */
  fields: 8,
  /** Names may be made of all of RFC 3986's unreserved characters; before, they had to look like a host name. */
  logicalNames: 10,
  /** `inspect wait` exists, so that `inspecting` is closed to edits of a node and its ports. */
  inspectWait: 39,
  /** `detail` of a list. */
  detail: 43,
  /** `node` of a new allocation. */
  allocationNode: 58,
  /** The inspection call back; agents that say no version at all may use it too. */
  continueInspection: 84,
  /** `.json` at the end of a path is part of a name; before, it was cut off. */
  jsonSuffixKept: 91,
  /** The physical network of a port in a group is the group's. */
  groupNetwork: 102,
  /** Runbooks are named as one likes; before, as a trait. */
  runbookNames: 112,
} as const;
