// What may be a VLAN of a trunk. Pure: the facts come from the database.

/** A subport as it is stored. */
export interface Subport {
  port_id: string;
  segmentation_type: 'vlan' | 'inherit';
  segmentation_id: number;
}

/** A subport as clients write it. */
export interface SubportWish {
  port_id: string;
  /** `inherit` takes the VLAN of the port's network. Default `vlan`, where an id is given. */
  segmentation_type?: string | undefined;
  segmentation_id?: number | string | undefined;
}

/** The VLAN a wish means, or why it can be none. `vlanOfNetwork`: of the port's own network; null when it has none. */
export function readSubport(wish: SubportWish, vlanOfNetwork: number | null): Subport | { refused: string } {
  const type = wish.segmentation_type ?? (wish.segmentation_id === undefined ? 'inherit' : 'vlan');
  if (type === 'inherit') {
    if (vlanOfNetwork === null) {
      return { refused: `segmentation_type inherit needs a VLAN network; that of port ${wish.port_id} is none` };
    }
    return { port_id: wish.port_id, segmentation_type: 'vlan', segmentation_id: vlanOfNetwork };
  }
  if (type !== 'vlan') return { refused: `Invalid segmentation_type '${type}': vlan, inherit` };
  const id = Number(wish.segmentation_id ?? Number.NaN);
  if (!Number.isInteger(id) || id < 1 || id > 4094) {
    return { refused: `Invalid segmentation_id '${wish.segmentation_id ?? ''}': a VLAN is 1 to 4094` };
  }
  return { port_id: wish.port_id, segmentation_type: 'vlan', segmentation_id: id };
}

/** The first of new subports that collides, with those of the trunk or among themselves. */
export function collision(now: readonly Subport[], more: readonly Subport[]): Subport | undefined {
  const vlans = new Set(now.map(({ segmentation_id }) => segmentation_id));
  for (const one of more) {
    if (vlans.has(one.segmentation_id)) return one;
    vlans.add(one.segmentation_id);
  }
  return undefined;
}
