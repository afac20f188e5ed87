import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHasher, stableJson, toHex64, uuidNamespaces, uuidV5 } from './index.js';

interface Reference {
  readonly texts: readonly { readonly text: string; readonly xxh64: Readonly<Record<string, string>> }[];
  readonly lengths: readonly { readonly n: number; readonly xxh64: string; readonly xxh64seed42: string }[];
}
const path = new URL('../../../../test/fixtures/hash/xxhash.json.gz', import.meta.url);
const reference = JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as Reference;

describe('createHasher', () => {
  it('gives the published XXH64 of every text and seed', async () => {
    const hash = await createHasher();
    for (const { text, xxh64 } of reference.texts) {
      for (const [seed, expected] of Object.entries(xxh64)) expect(toHex64(hash(text, BigInt(seed)))).toBe(expected);
    }
  });
  it('gives the published XXH64 of bytes of every length class', async () => {
    const hash = await createHasher();
    const buffer = Uint8Array.from({ length: 4096 }, (_, i) => (i * 31 + 7) & 255);
    for (const { n, xxh64, xxh64seed42 } of reference.lengths) {
      expect(toHex64(hash(buffer.subarray(0, n)))).toBe(xxh64);
      expect(toHex64(hash(buffer.subarray(0, n), 42n))).toBe(xxh64seed42);
    }
  });
  it('hashes a text as its UTF-8 bytes', async () => {
    const hash = await createHasher();
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(hash(text)).toBe(hash(new TextEncoder().encode(text)));
      }),
    );
  });
  it('still answers after a text that makes its memory grow', async () => {
    const hash = await createHasher();
    const long = hash('x'.repeat(3_000_000));
    expect(toHex64(hash(''))).toBe('ef46db3751d8e999');
    expect(hash('x'.repeat(3_000_000))).toBe(long);
  });
});

describe('toHex64', () => {
  it('refuses a number of more than 64 bits', () => {
    expect(() => toHex64(1n << 64n)).toThrow('The hash of toHex64 must be an unsigned 64-bit number.');
    expect(() => toHex64(-1n)).toThrow(RangeError);
  });
});

describe('stableJson', () => {
  it('does not depend on the order in which members were set', () => {
    expect(stableJson({ a: 1, b: { d: 2, c: 3 } })).toBe(stableJson({ b: { c: 3, d: 2 }, a: 1 }));
  });
  it('gives JSON that reads back as the value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(JSON.parse(stableJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
  it('writes dates through toJSON and skips undefined members', () => {
    expect(stableJson({ at: new Date(0), gone: undefined })).toBe('{"at":"1970-01-01T00:00:00.000Z"}');
  });
  it('names the place of a value that JSON cannot carry', () => {
    expect(() => stableJson({ a: [1, Number.NaN] })).toThrow('Got NaN at $.a[1].');
    expect(() => stableJson([undefined])).toThrow('Got undefined at $[0].');
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => stableJson(circle)).toThrow('a value that contains itself');
  });
  it('accepts one value in two places', () => {
    const shared = { a: 1 };
    expect(stableJson([shared, shared])).toBe('[{"a":1},{"a":1}]');
  });
});

describe('uuidV5', () => {
  it('gives the examples of the standard and of other libraries', () => {
    expect(uuidV5('www.example.com', uuidNamespaces.dns)).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
    expect(uuidV5('python.org', uuidNamespaces.dns)).toBe('886313e1-3b8a-5372-9b90-0c9aee199e5d');
  });
  it('always sets version 5 and the standard variant', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(uuidV5(name, uuidNamespaces.url)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
      }),
    );
  });
  it('refuses a namespace that is no UUID', () => {
    expect(() => uuidV5('a', 'nope')).toThrow('The namespace of uuidV5 must be a UUID. Got "nope".');
  });
});
