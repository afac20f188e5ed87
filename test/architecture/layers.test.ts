import { describe, expect, it } from 'vitest';
import { importsOf } from '../support/imports.js';
import { sourceFiles, type Workspace, workspaces } from '../support/repository.js';

const all = workspaces();
const byName = new Map(all.map((workspace) => [workspace.name, workspace]));

/** What each package may import at run time; the hosts may import everything but each other. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  '@matome/primitives': [],
  '@matome/model-en-ja': [],
  '@matome/clustering': ['@matome/primitives'],
  '@matome/tag-extractor': ['@matome/primitives'],
  '@matome/two-tower': ['@matome/primitives'],
  '@matome/recap-core': ['@matome/primitives', '@matome/clustering'],
  '@matome/storage': ['@matome/primitives'],
};
const allowedTypes: Readonly<Record<string, readonly string[]>> = {
  '@matome/storage': ['@matome/tag-extractor', '@matome/recap-core', '@matome/two-tower'],
};
/** Optional data packages that the embedder resolves by name when they are installed. */
const optionalData = ['@matome/model-en-ja'];

function packageOf(specifier: string): string {
  return specifier.split('/').slice(0, 2).join('/');
}

function mayImport(from: Workspace, target: string, typeOnly: boolean): boolean {
  if (from.folder.startsWith('examples/')) {
    const workspace = byName.get(target);
    return workspace !== undefined && (workspace.folder.startsWith('packages/') || target === '@matome/host-kit');
  }
  return (allowed[from.name] ?? []).includes(target) || (typeOnly && (allowedTypes[from.name] ?? []).includes(target));
}

describe('layers', () => {
  it('every package has a place in the house', () => {
    const packages = all.filter(({ folder }) => folder.startsWith('packages/')).map(({ name }) => name);
    expect(packages.sort()).toEqual(Object.keys(allowed).sort());
  });

  it.each(all.filter(({ folder }) => folder !== 'packages/model-en-ja'))(
    '$name imports only what stands below it',
    (workspace) => {
      const wrong = sourceFiles(workspace).flatMap(({ path, text }) =>
        importsOf(path, text)
          .filter(({ specifier }) => specifier.startsWith('@matome/') && packageOf(specifier) !== workspace.name)
          .filter(({ specifier, typeOnly }) => !mayImport(workspace, packageOf(specifier), typeOnly))
          .filter(({ specifier }) => !optionalData.includes(packageOf(specifier)))
          .map(({ specifier, line }) => `${path}:${line} imports ${specifier}`),
      );
      expect(wrong).toEqual([]);
    },
  );

  it.each(all.filter(({ folder }) => folder !== 'packages/model-en-ja'))(
    '$name reaches other packages by their entry points',
    (workspace) => {
      const wrong = sourceFiles(workspace).flatMap(({ path, text }) =>
        importsOf(path, text)
          .filter(({ specifier }) => specifier.startsWith('@matome/'))
          .filter(({ specifier }) => {
            const target = byName.get(packageOf(specifier));
            const entry = `.${specifier.slice(packageOf(specifier).length)}`;
            return target !== undefined && !target.entries.has(entry) && !optionalData.includes(packageOf(specifier));
          })
          .map(({ specifier, line }) => `${path}:${line} imports ${specifier}`),
      );
      expect(wrong).toEqual([]);
    },
  );

  it.each(all.filter(({ folder }) => folder !== 'packages/model-en-ja'))(
    '$name declares what it imports and stays inside its folder',
    (workspace) => {
      const wrong = sourceFiles(workspace).flatMap(({ path, text }) =>
        importsOf(path, text)
          .filter(({ specifier, typeOnly }) => {
            if (specifier.startsWith('.')) return escapes(path, specifier, workspace.folder);
            if (specifier.startsWith('node:') || typeOnly) return false;
            const parts = specifier.split('/');
            const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!;
            return name !== workspace.name && !workspace.dependencies.includes(name) && !optionalData.includes(name);
          })
          .map(({ specifier, line }) => `${path}:${line} imports ${specifier}`),
      );
      expect(wrong).toEqual([]);
    },
  );
});

function escapes(path: string, specifier: string, folder: string): boolean {
  const resolved = new URL(specifier, `file:///${path}`).pathname.slice(1);
  return !resolved.startsWith(`${folder}/`);
}
