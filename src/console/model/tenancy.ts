/** A time in which somebody had a node. */
export interface Tenancy {
  id: number;
  owner: string | null;
  lessee: string | null;
  instance: string | null;
}
