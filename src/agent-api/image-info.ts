/** `image_info` of `standby.prepare_image` and `deploy.write_image`, in ironic-python-agent's words. */
export interface ImageInfo {
  id: string;
  /** Where the bytes are, best first. */
  urls: readonly string[];
  disk_format?: string;
  container_format?: string;
  /** `whole-disk` for a whole disk, `partition` for one file system. */
  image_type?: string;
  stream_raw_images?: boolean;
  checksum?: string;
  os_hash_algo?: string;
  os_hash_value?: string;
  node_uuid?: string;
  deploy_boot_mode?: string;
  boot_option?: string;
  disk_label?: string;
  proxies?: Readonly<Record<string, string>>;
  no_proxy?: string;
  image_server_auth_strategy?: string;
  image_server_user?: string;
  image_server_password?: string;
  /** `Authorization` header, base64, for the image's own origin only. */
  image_request_authorization?: string;
  /** Partition images. */
  root_mb?: number;
  swap_mb?: number;
  ephemeral_mb?: number;
  ephemeral_format?: string;
  preserve_ephemeral?: boolean;
  root_device?: Readonly<Record<string, string | number>>;
  configdrive?: string;

  /**
   * Ingot only. Block manifest of the raw image: blocks come from `<base>/blocks/<hash>` and from other machines,
   * `urls` are the way back when it cannot be had. See manifest.ts and swarm.ts.
   */
  manifest_url?: string;
  /** Ingot only. Sources of `<source>/blocks/<hash>`; default: the folder of the manifest. */
  block_sources?: readonly string[];
  /** Ingot only. Size and hash of the raw bytes, checked when all of it is written. */
  virtual_bytes?: number;
  raw_sha256?: string;
  /**
   * Ingot only. `manifestDigest` of the manifest: where it agrees, blocks that were checked are the whole, which is
   * not hashed again.
   */
  manifest_sha256?: string;
  /** Ingot only. False: never ask other machines, nor serve them. */
  share_blocks?: boolean;
  /** Ingot only. PEM of the authority that `urls` and `manifest_url` answer with. */
  source_ca?: string;
}

/** Parameters of `standby.prepare_image`. */
export interface PrepareImageParams {
  image_info: ImageInfo;
  /** base64 of gzip of an ISO 9660 or VFAT image, or a URL of it. */
  configdrive?: string | null;
}

/** Ingot only: what was written, beside the text that every conductor gets. */
export interface WrittenImage {
  device: string;
  bytes: number;
  zero_bytes: number;
  peer_bytes: number;
  /** sha256 of the raw bytes as they were written, by their blocks or the whole; null when nothing asked for it. */
  sha256: string | null;
  seconds: number;
  root_uuid: string | null;
  efi_system_partition_uuid: string | null;
}

/** Result of `standby.prepare_image`. */
export interface PrepareImageResult {
  /** `prepare_image: image (ID) written to device /dev/vda root_uuid=…` */
  result: string;
  written?: WrittenImage;
}

/** Parameters of `image.install_bootloader`. */
export interface InstallBootloaderParams {
  root_uuid: string;
  efi_system_part_uuid?: string | null;
  prep_boot_part_uuid?: string | null;
  target_boot_mode?: string;
  ignore_bootloader_failure?: boolean | null;
}
