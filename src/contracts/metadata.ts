// What the metadata service of networks asks of bare metal: what an instance on a machine is told of itself.

export interface InstanceFiles {
  /**
   * The files of the machine's config drive: path (`openstack/latest/user_data`) → content. Undefined: the machine has
   * no instance. Null: its drive was given ready-made, and what is in it is on the machine alone.
   */
  filesOf(machine: string): Promise<ReadonlyMap<string, string> | null | undefined>;
}
