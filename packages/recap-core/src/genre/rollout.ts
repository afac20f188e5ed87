import { uuidNamespaces, uuidV5 } from '@matome/primitives/hashing';
import { checkNumber } from '@matome/primitives/options';

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The bucket of a key, 0 to 99: a UUID as a 128-bit number modulo 100; any other key by the UUIDv5 of its text.
 *
 * @example
 * rolloutBucket('00000000-0000-0000-0000-0000000000ff') // => 55
 */
export function rolloutBucket(key: string): number {
  const uuid = uuidForm.test(key) ? key : uuidV5(key, uuidNamespaces.url);
  return Number(BigInt(`0x${uuid.replaceAll('-', '')}`) % 100n);
}

/**
 * Whether a key is among the first `percent` of all: never at 0, always at 100. A key that is in stays in as the share
 * grows.
 *
 * @param percent - in [0, 100].
 * @throws RangeError if `percent` is out of range.
 * @example
 * isInRollout('any key', 100) // => true
 */
export function isInRollout(key: string, percent: number): boolean {
  checkNumber('isInRollout', 'percent', percent, { min: 0, max: 100 });
  return rolloutBucket(key) < percent;
}
