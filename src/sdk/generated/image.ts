// Generated from the route table of image by `npm run generate`; a check compares. Do not edit.
import type { Operation } from '../operation.ts';

export interface ImageCreateBody {
  id?: string | undefined;
  name?: string | null | undefined;
  visibility?: "public" | "private" | "shared" | "community" | undefined;
  disk_format?: string | null | undefined;
  container_format?: string | null | undefined;
  min_disk?: number | undefined;
  min_ram?: number | undefined;
  protected?: boolean | undefined;
  os_hidden?: boolean | undefined;
  owner?: string | null | undefined;
  tags?: string[] | undefined;
  [name: string]: unknown;
}

export interface ImageImportBody {
  method: { name: string; uri?: string | undefined; [name: string]: unknown; };
  [name: string]: unknown;
}

export interface ImageMemberAddBody {
  member: string;
}

export interface ImageMemberUpdateBody {
  status: "pending" | "accepted" | "rejected";
}

/** Every operation of the service, by name. */
export const image = {
  /** Versions of the image service */
  imageVersions: { id: 'image.versions', method: 'GET', path: '/image/' } as Operation<undefined, undefined, undefined, unknown>,
  /** Versions of the image service */
  imageVersionsList: { id: 'image.versions_list', method: 'GET', path: '/image/versions' } as Operation<undefined, undefined, undefined, unknown>,
  /** List images */
  imageList: { id: 'image.list', method: 'GET', path: '/image/v2/images' } as Operation<undefined, undefined, undefined, unknown>,
  /** Make an image without bytes */
  imageCreate: { id: 'image.create', method: 'POST', path: '/image/v2/images' } as Operation<undefined, undefined, ImageCreateBody, unknown>,
  /** Show an image */
  imageGet: { id: 'image.get', method: 'GET', path: '/image/v2/images/:image_id' } as Operation<{ image_id: string }, undefined, undefined, unknown>,
  /** Change an image */
  imageUpdate: { id: 'image.update', method: 'PATCH', path: '/image/v2/images/:image_id' } as Operation<{ image_id: string }, undefined, ({ op: "add" | "replace" | "remove"; path: string; value?: unknown; })[], unknown>,
  /** Delete an image */
  imageDelete: { id: 'image.delete', method: 'DELETE', path: '/image/v2/images/:image_id' } as Operation<{ image_id: string }, undefined, undefined, unknown>,
  /** Send the bytes */
  imageUpload: { id: 'image.upload', method: 'PUT', path: '/image/v2/images/:image_id/file' } as Operation<{ image_id: string }, undefined, undefined, unknown>,
  /** Fetch the bytes */
  imageDownload: { id: 'image.download', method: 'GET', path: '/image/v2/images/:image_id/file' } as Operation<{ image_id: string }, undefined, undefined, unknown>,
  /** Send the bytes, to be imported */
  imageStage: { id: 'image.stage', method: 'PUT', path: '/image/v2/images/:image_id/stage' } as Operation<{ image_id: string }, undefined, undefined, unknown>,
  /** Import what was staged, or what is at a URL */
  imageImport: { id: 'image.import', method: 'POST', path: '/image/v2/images/:image_id/import' } as Operation<{ image_id: string }, undefined, ImageImportBody, unknown>,
  /** Take an image out of use */
  imageDeactivate: { id: 'image.deactivate', method: 'POST', path: '/image/v2/images/:image_id/actions/deactivate' } as Operation<{ image_id: string }, undefined, undefined, unknown>,
  /** Take an image into use again */
  imageReactivate: { id: 'image.reactivate', method: 'POST', path: '/image/v2/images/:image_id/actions/reactivate' } as Operation<{ image_id: string }, undefined, undefined, unknown>,
  /** Add a tag */
  imageTagAdd: { id: 'image.tag_add', method: 'PUT', path: '/image/v2/images/:image_id/tags/:tag' } as Operation<{ image_id: string; tag: string }, undefined, undefined, unknown>,
  /** Remove a tag */
  imageTagRemove: { id: 'image.tag_remove', method: 'DELETE', path: '/image/v2/images/:image_id/tags/:tag' } as Operation<{ image_id: string; tag: string }, undefined, undefined, unknown>,
  /** With whom an image is shared */
  imageMemberList: { id: 'image.member_list', method: 'GET', path: '/image/v2/images/:image_id/members' } as Operation<{ image_id: string }, undefined, undefined, unknown>,
  /** Share an image */
  imageMemberAdd: { id: 'image.member_add', method: 'POST', path: '/image/v2/images/:image_id/members' } as Operation<{ image_id: string }, undefined, ImageMemberAddBody, unknown>,
  /** Show a member */
  imageMemberGet: { id: 'image.member_get', method: 'GET', path: '/image/v2/images/:image_id/members/:member' } as Operation<{ image_id: string; member: string }, undefined, undefined, unknown>,
  /** Accept or reject a shared image */
  imageMemberUpdate: { id: 'image.member_update', method: 'PUT', path: '/image/v2/images/:image_id/members/:member' } as Operation<{ image_id: string; member: string }, undefined, ImageMemberUpdateBody, unknown>,
  /** Stop sharing an image */
  imageMemberRemove: { id: 'image.member_remove', method: 'DELETE', path: '/image/v2/images/:image_id/members/:member' } as Operation<{ image_id: string; member: string }, undefined, undefined, unknown>,
  /** Ways to import */
  imageInfoImport: { id: 'image.info_import', method: 'GET', path: '/image/v2/info/import' } as Operation<undefined, undefined, undefined, unknown>,
  /** Where images are kept */
  imageInfoStores: { id: 'image.info_stores', method: 'GET', path: '/image/v2/info/stores' } as Operation<undefined, undefined, undefined, unknown>,
  /** Schema of an image */
  imageSchema: { id: 'image.schema', method: 'GET', path: '/image/v2/schemas/image' } as Operation<undefined, undefined, undefined, unknown>,
  /** Schema of a list of images */
  imageSchemaList: { id: 'image.schema_list', method: 'GET', path: '/image/v2/schemas/images' } as Operation<undefined, undefined, undefined, unknown>,
};
