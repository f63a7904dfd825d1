import type { Reader } from '#store/contract';

export interface MemberRow {
  image_id: string;
  member: string;
  status: 'pending' | 'accepted' | 'rejected';
  created_at: string;
  updated_at: string;
}

export async function listMembers(reader: Reader, imageId: string): Promise<MemberRow[]> {
  return reader.query({
    name: 'image.members',
    text: 'select * from image_members where image_id = $1 order by member',
    values: [imageId],
  });
}

export async function findMember(reader: Reader, imageId: string, member: string): Promise<MemberRow | undefined> {
  const rows = await reader.query<MemberRow>({
    name: 'image.member',
    text: 'select * from image_members where image_id = $1 and member = $2',
    values: [imageId, member],
  });
  return rows[0];
}

/** Undefined when the image is shared with it already. */
export async function addMember(reader: Reader, imageId: string, member: string): Promise<MemberRow | undefined> {
  const rows = await reader.query<MemberRow>({
    name: 'image.member.add',
    text: 'insert into image_members (image_id, member) values ($1, $2) on conflict do nothing returning *',
    values: [imageId, member],
  });
  return rows[0];
}

export async function answerMember(
  reader: Reader,
  imageId: string,
  member: string,
  status: string,
): Promise<MemberRow | undefined> {
  const rows = await reader.query<MemberRow>({
    name: 'image.member.answer',
    text: 'update image_members set status = $3, updated_at = now() where image_id = $1 and member = $2 returning *',
    values: [imageId, member, status],
  });
  return rows[0];
}

export async function removeMember(reader: Reader, imageId: string, member: string): Promise<boolean> {
  const rows = await reader.query({
    name: 'image.member.remove',
    text: 'delete from image_members where image_id = $1 and member = $2 returning member',
    values: [imageId, member],
  });
  return rows.length > 0;
}
