import type { QuotaResource } from '#contracts/quota';
import type { Tx } from '#store/contract';

const one = async (tx: Tx, name: string, text: string, project: string) =>
  (await tx.query<{ n: number }>({ name, text, values: [project] }))[0]?.n ?? 0;

/** What a project can have a limited number of; names are Glance's. */
export const imageQuotas: readonly QuotaResource[] = [
  {
    name: 'image_count_total',
    service: 'image',
    description: 'Images a project owns',
    fallback: -1,
    count: (tx, project) =>
      one(tx, 'image.quota.count', 'select count(*)::int as n from images where owner = $1', project),
  },
  {
    name: 'image_size_total',
    service: 'image',
    description: 'MiB of the images a project owns',
    fallback: -1,
    count: (tx, project) =>
      one(
        tx,
        'image.quota.size',
        'select ceil(coalesce(sum(size), 0) / 1048576.0)::int as n from images where owner = $1',
        project,
      ),
  },
];
