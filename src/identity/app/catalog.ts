import type { Store } from '#store/contract';

/** One service as it stands in tokens. */
export interface CatalogEntry {
  id: string;
  type: string;
  name: string;
  endpoints: { id: string; interface: string; region: string | null; region_id: string | null; url: string }[];
}

interface Row {
  service_id: string;
  type: string;
  service_name: string | null;
  id: string | null;
  interface: string;
  region_id: string | null;
  url: string;
}

export interface UrlFacts {
  /** What `$(public_endpoint)s` stands for: the address the client itself used. */
  baseUrl: string;
  projectId: string | null;
  userId: string | null;
}

/** The services and endpoints that are enabled, remembered until they change. */
export interface Catalog {
  render(facts: UrlFacts): Promise<CatalogEntry[]>;
  forget(): void;
}

/** Opens the catalog; reads it when first asked. */
export function openCatalog(store: Store): Catalog {
  let rows: Promise<Row[]> | undefined;
  const read = () =>
    store.query<Row>({
      name: 'identity_catalog',
      text: `select s.id as service_id, s.type, s.name as service_name, e.id, e.interface, e.region_id, e.url
             from identity_services s
             left join identity_endpoints e on e.service_id = s.id and e.enabled
             where s.enabled order by s.type, s.id, e.interface, e.id`,
    });
  return {
    async render(facts) {
      rows ??= read();
      const mine = rows;
      const list = await mine.catch((error: unknown) => {
        if (rows === mine) rows = undefined;
        throw error;
      });
      const entries = new Map<string, CatalogEntry>();
      for (const row of list) {
        let entry = entries.get(row.service_id);
        if (entry === undefined) {
          entry = { id: row.service_id, type: row.type, name: row.service_name ?? '', endpoints: [] };
          entries.set(row.service_id, entry);
        }
        const url = row.id === null ? null : fillUrl(row.url, facts);
        if (row.id === null || url === null) continue;
        const { id, interface: face, region_id } = row;
        entry.endpoints.push({ id, interface: face, region: region_id, region_id, url });
      }
      return [...entries.values()];
    },
    forget() {
      rows = undefined;
    },
  };
}

/** Fills `$(name)s` and `%(name)s` in an endpoint's URL; null when the caller has no value for one of them. */
export function fillUrl(url: string, facts: UrlFacts): string | null {
  const values: Record<string, string | null> = {
    public_endpoint: facts.baseUrl,
    project_id: facts.projectId,
    tenant_id: facts.projectId,
    user_id: facts.userId,
  };
  let missing = false;
  const filled = url.replace(/[$%]\((\w+)\)s/g, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : whole;
    if (value === null || value === undefined) {
      missing = true;
      return whole;
    }
    return value;
  });
  return missing ? null : filled;
}
