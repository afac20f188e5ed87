import xxhash from 'xxhash-wasm';

/**
 * Hashes a text (as UTF-8) or bytes to an unsigned 64-bit number.
 *
 * @param seed - any number below 2⁶⁴; another seed gives an independent hash function. Default 0.
 */
export type Hasher = (input: string | Uint8Array, seed?: bigint) => bigint;

/**
 * Loads the XXH64 hash function; what it returns is synchronous.
 *
 * XXH64 spreads well and is fast, but is no protection against an attacker who wants collisions.
 *
 * @remarks Loading takes about a millisecond; then about 3 million texts of 1 KB a second. A lone surrogate is
 * hashed as U+FFFD, as everywhere in UTF-8.
 * @see xxHash specification, https://github.com/Cyan4973/xxHash/blob/v0.8.3/doc/xxhash_spec.md
 * @example
 * const hash = await createHasher();
 * hash('abc').toString(16) // => '44bc2cf5ad770999'
 */
export async function createHasher(): Promise<Hasher> {
  const { h64, h64Raw } = await xxhash();
  return (input, seed = 0n) => (typeof input === 'string' ? h64(input, seed) : h64Raw(input, seed));
}

/**
 * Writes a 64-bit hash as 16 lower-case hexadecimal digits.
 *
 * @throws RangeError if the hash does not fit 64 bits.
 * @example
 * toHex64(255n) // => '00000000000000ff'
 */
export function toHex64(hash: bigint): string {
  if (hash < 0n || hash >> 64n !== 0n) {
    throw new RangeError(`The hash of toHex64 must be an unsigned 64-bit number. Got ${hash}.`);
  }
  return hash.toString(16).padStart(16, '0');
}
