import { type ArtifactStore, pathParts } from './artifact-store.js';

/** Options of {@link createHttpArtifactStore}. */
export interface HttpArtifactStoreOptions {
  /** Address of the project, without the path of the storage service. */
  readonly url: string;
  readonly bucket: string;
  /** Key with the right to write. */
  readonly serviceRoleKey: string;
  /** Brings retries and time limits, if wanted. @default the global fetch */
  readonly fetch?: typeof globalThis.fetch;
}

/** Entries asked for at once. */
const listPageSize = 1000;

interface ListedEntry {
  readonly name: string;
  /** Null for a folder. */
  readonly id: string | null;
}

/**
 * Keeps artefacts in an object store that speaks the HTTP interface of Supabase Storage.
 *
 * An object is replaced as a whole; folders cannot be switched at once.
 *
 * @throws RangeError for a path that is no path; Error with method, address and status for an answer that is neither success nor "not there".
 * @see https://supabase.com/docs/reference/javascript/storage-from-upload
 * @example
 * const fetch = async () => new Response('{"statusCode":"404","error":"not_found"}', { status: 400 });
 * const store = createHttpArtifactStore({ url: 'https://example.org', bucket: 'b', serviceRoleKey: 'k', fetch });
 * await store.read('a') // => undefined
 */
export function createHttpArtifactStore(options: HttpArtifactStoreOptions): ArtifactStore {
  const { bucket, serviceRoleKey, fetch = globalThis.fetch } = options;
  const root = `${options.url.replace(/\/+$/, '')}/storage/v1/object`;
  const headers = { apikey: serviceRoleKey, authorization: `Bearer ${serviceRoleKey}` };
  const address = (path: string) => `${root}/${bucket}/${pathParts(path).map(encodeURIComponent).join('/')}`;
  const listFolder = async (folder: string): Promise<ListedEntry[]> => {
    const entries: ListedEntry[] = [];
    for (let offset = 0; ; offset += listPageSize) {
      const body = { prefix: folder, limit: listPageSize, offset, sortBy: { column: 'name', order: 'asc' } };
      const url = `${root}/list/${bucket}`;
      const init = {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      };
      const page = (await (await expectSuccess(fetch(url, init), 'POST', url)).json()) as ListedEntry[];
      entries.push(...page);
      if (page.length < listPageSize) return entries;
    }
  };
  const collect = async (folder: string): Promise<string[]> => {
    const paths: string[] = [];
    for (const { name, id } of await listFolder(folder)) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (id === null) paths.push(...(await collect(path)));
      else paths.push(path);
    }
    return paths;
  };
  return {
    async read(path, { signal } = {}) {
      const url = address(path);
      const response = await fetch(url, { headers, ...(signal ? { signal } : {}) });
      if (await isMissing(response)) return undefined;
      const found = await expectSuccess(Promise.resolve(response), 'GET', url);
      return new Uint8Array(await found.arrayBuffer());
    },
    async write(path, bytes, { signal } = {}) {
      const url = address(path);
      const type = path.endsWith('.json') ? 'application/json' : 'application/octet-stream';
      const sent = { ...headers, 'content-type': type, 'x-upsert': 'true', 'cache-control': 'no-cache' };
      const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      await expectSuccess(
        fetch(url, { method: 'POST', headers: sent, body, ...(signal ? { signal } : {}) }),
        'POST',
        url,
      );
    },
    async list(prefix) {
      const folder = prefix.slice(0, Math.max(0, prefix.lastIndexOf('/')));
      return (await collect(folder)).filter((path) => path.startsWith(prefix)).sort();
    },
  };
}

/** The service answers 404, or 400 with a 404 in the text. */
async function isMissing(response: Response): Promise<boolean> {
  if (response.status === 404) return true;
  if (response.status !== 400) return false;
  const text = await response.clone().text();
  return /"statusCode"\s*:\s*"?404|not_found/.test(text);
}

async function expectSuccess(answer: Promise<Response>, method: string, url: string): Promise<Response> {
  const response = await answer;
  if (response.ok) return response;
  const text = (await response.text()).slice(0, 300);
  throw new Error(`${method} ${url} was answered with ${response.status}${text === '' ? '' : `: ${text}`}.`);
}
