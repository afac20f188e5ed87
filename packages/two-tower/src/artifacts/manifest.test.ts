import { describe, expect, it } from 'vitest';
import { buildManifest, manifestEntry, readManifest, verifyFile } from './manifest.js';

describe('buildManifest', () => {
  it('sorts by path and never lists itself', () => {
    const entries = ['b', 'manifest.json', 'a'].map((path) => manifestEntry({ path, bytes: new Uint8Array(1) }));
    const manifest = buildManifest(entries, { version: 'v1', generatedAt: new Date(0), commitSha: 'abc' });
    expect(manifest.files.map(({ path }) => path)).toEqual(['a', 'b']);
    expect(manifest).toMatchObject({
      model_version: 'v1',
      generated_at: '1970-01-01T00:00:00.000Z',
      commit_sha: 'abc',
    });
    expect(manifest).not.toHaveProperty('model_meta');
    expect(readManifest(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
  });

  it('refuses no files, repeated and leaving paths and versions that are no names', () => {
    const entry = manifestEntry({ path: 'a', bytes: new Uint8Array(1) });
    const build = (entries = [entry], version = 'v1') => buildManifest(entries, { version, generatedAt: new Date(0) });
    expect(() => build([])).toThrow('must not be none');
    expect(() => build([entry, entry])).toThrow('hold a twice');
    expect(() => build([{ ...entry, path: '../a' }])).toThrow('"../a" of buildManifest leaves its folder');
    for (const version of ['', '.', '../x', 'a/b', 'current', 'v 1'])
      expect(() => build([entry], version)).toThrow('The version option');
  });

  it('is not read when it leads out of its place', () => {
    const files = [manifestEntry({ path: 'a', bytes: new Uint8Array(1) })];
    const read = (version: string) => readManifest({ model_version: version, files, location: `../${version}` });
    expect(read('v1').location).toBe('../v1');
    expect(() => read('../../elsewhere')).toThrow('The location of the manifest must be the folder of its version.');
  });

  it('notices every changed byte', () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const entry = manifestEntry({ path: 'a', bytes });
    for (let i = 0; i < 3; i++) {
      const changed = bytes.slice();
      changed[i]! ^= 1;
      expect(() => verifyFile(entry, changed)).toThrow(expect.objectContaining({ code: 'CHECKSUM_MISMATCH' }));
    }
    expect(() => verifyFile(entry, bytes.slice(1))).toThrow('must have 3 bytes. Got 2.');
  });
});
