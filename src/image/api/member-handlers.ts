import type { Handler } from '#http/contract';
import { errors } from '../errors.ts';
import type { ImageRoom } from '../room.ts';
import { addMember, answerMember, findMember, listMembers, type MemberRow, removeMember } from '../store/members.ts';
import { demanded } from './image-handlers.ts';

const time = (text: string) => new Date(text).toISOString().replace(/\.\d+Z$/, 'Z');

function show(row: MemberRow): Record<string, unknown> {
  const { image_id: image, member, status, created_at: created, updated_at: updated } = row;
  return {
    image_id: image,
    member_id: member,
    status,
    created_at: time(created),
    updated_at: time(updated),
    schema: '/v2/schemas/member',
  };
}

/** Handlers of sharing. */
export function memberHandlers(room: ImageRoom): Record<string, Handler> {
  const { store } = room;
  const absent = (image: string, member: string) => errors.ImageAbsent(`${image} that is shared with ${member}`);
  return {
    'image.member_list': async (context, input) => {
      const row = await demanded(room, context, input, 'get_members');
      const members = await listMembers(store, row.id);
      const own = context.caller.projectId;
      // Who it is shared with sees itself only.
      const all = row.owner === own || context.allows('list_all_images');
      return {
        body: {
          members: members.filter(({ member }) => all || member === own).map(show),
          schema: '/v2/schemas/members',
        },
      };
    },
    'image.member_add': async (context, input) => {
      const row = await demanded(room, context, input, 'add_member');
      if (row.visibility !== 'shared') throw errors.ImageForbidden('Only shared images have members.');
      const { member } = input.body as { member: string };
      const added = await addMember(store, row.id, member);
      if (added === undefined) throw errors.ImageConflict(`Image ${row.id} is shared with ${member} already`);
      return { body: show(added) };
    },
    'image.member_get': async (context, input) => {
      const row = await demanded(room, context, input, 'get_members');
      const member = input.params['member'] ?? '';
      const own = context.caller.projectId;
      const all = row.owner === own || context.allows('list_all_images');
      const found = all || member === own ? await findMember(store, row.id, member) : undefined;
      if (found === undefined) throw absent(row.id, member);
      return { body: show(found) };
    },
    'image.member_update': async (context, input) => {
      const member = input.params['member'] ?? '';
      const row = await demanded(room, context, input, 'get_members');
      if (!context.allows('modify_member', { owner: row.owner, member }))
        throw errors.ImageForbidden('Only the member itself may answer');
      const { status } = input.body as { status: string };
      const changed = await answerMember(store, row.id, member, status);
      if (changed === undefined) throw absent(row.id, member);
      return { body: show(changed) };
    },
    'image.member_remove': async (context, input) => {
      const row = await demanded(room, context, input, 'delete_member');
      const member = input.params['member'] ?? '';
      if (!(await removeMember(store, row.id, member))) throw absent(row.id, member);
      return {};
    },
  };
}
