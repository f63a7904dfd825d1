export type ImageStatus = 'queued' | 'saving' | 'uploading' | 'importing' | 'active' | 'killed' | 'deactivated';
export type Visibility = 'public' | 'private' | 'shared' | 'community';

/** A row of `images`; numbers beyond 32 bits come as text. */
export interface ImageRow {
  id: string;
  name: string | null;
  status: ImageStatus;
  visibility: Visibility;
  owner: string | null;
  disk_format: string | null;
  container_format: string | null;
  size: string | null;
  virtual_size: string | null;
  min_disk: number;
  min_ram: number;
  protected: boolean;
  os_hidden: boolean;
  checksum: string | null;
  os_hash_algo: string | null;
  os_hash_value: string | null;
  tags: string[];
  properties: Record<string, string>;
  stored: 'file' | 'blocks' | null;
  parent_id: string | null;
  node_uuid: string | null;
  created_at: string;
  updated_at: string;
}
