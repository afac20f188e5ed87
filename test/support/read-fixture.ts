import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/**
 * Reads `test/fixtures/<name>.json.gz`. Numbers that JSON cannot hold stand there as the strings NaN and ±Infinity and
 * come back as numbers.
 */
export function readFixture<T>(name: string): T {
  const bytes = readFileSync(new URL(`../fixtures/${name}.json.gz`, import.meta.url));
  return JSON.parse(gunzipSync(bytes).toString('utf8'), (_, value: unknown) =>
    value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : value,
  ) as T;
}
