import { createHash } from 'node:crypto';

/** The namespaces that RFC 9562 fixes. */
export const uuidNamespaces = {
  dns: '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  url: '6ba7b811-9dad-11d1-80b4-00c04fd430c8',
  oid: '6ba7b812-9dad-11d1-80b4-00c04fd430c8',
  x500: '6ba7b814-9dad-11d1-80b4-00c04fd430c8',
} as const;

const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The name-based UUID (version 5) of a name: equal names in one namespace give equal ids, on every machine.
 *
 * @param namespace - a UUID, for instance one of `uuidNamespaces` or another result of this function.
 * @throws RangeError if the namespace is not a UUID.
 * @see RFC 9562, section 5.5, https://www.rfc-editor.org/rfc/rfc9562
 * @example
 * uuidV5('www.example.com', uuidNamespaces.dns) // => '2ed6657d-e927-568b-95e1-2665a8aea6a2'
 */
export function uuidV5(name: string, namespace: string): string {
  if (!pattern.test(namespace)) {
    throw new RangeError(`The namespace of uuidV5 must be a UUID. Got ${JSON.stringify(namespace)}.`);
  }
  const digest = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name, 'utf8')
    .digest()
    .subarray(0, 16);
  digest[6] = (digest[6]! & 0x0f) | 0x50;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const hex = digest.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
