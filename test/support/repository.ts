import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the repository. */
export const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/[/\\]$/, '');

/** A workspace of the suite as its package.json describes it. */
export interface Workspace {
  /** Folder below the root, with forward slashes: `packages/clustering`. */
  readonly folder: string;
  readonly name: string;
  readonly private: boolean;
  readonly dependencies: readonly string[];
  /** Entry point (`.`, `./linalg`) to its source file below the root; data-only packages have none. */
  readonly entries: ReadonlyMap<string, string>;
}

/** A source file with its text. */
export interface SourceFile {
  /** Path below the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

interface PackageJson {
  name: string;
  private?: boolean;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  exports?: Record<string, unknown>;
}

/** The packages and examples, in alphabetical order. */
export function workspaces(): Workspace[] {
  return ['packages', 'examples'].flatMap((group) =>
    readdirSync(join(root, group))
      .sort()
      .map((name) => readWorkspace(`${group}/${name}`)),
  );
}

function readWorkspace(folder: string): Workspace {
  const json = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as PackageJson;
  const entries = new Map<string, string>();
  for (const [key, target] of Object.entries(json.exports ?? {})) {
    const source =
      typeof target === 'object' && target !== null ? (target as Record<string, unknown>)['matome-source'] : undefined;
    if (typeof source === 'string') entries.set(key, `${folder}/${source.replace(/^\.\//, '')}`);
  }
  const dependencies = Object.keys({ ...json.dependencies, ...json.peerDependencies });
  return { folder, name: json.name, private: json.private === true, dependencies, entries };
}

/** The TypeScript files of a workspace's `src`, without tests and benches. */
export function sourceFiles(workspace: Workspace, options: { readonly tests?: boolean } = {}): SourceFile[] {
  const { tests = false } = options;
  const folder = join(root, workspace.folder, 'src');
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return paths
    .filter((path) => path.endsWith('.ts') && (tests || !/\.(test|bench)\.ts$/.test(path)))
    .map((path) => ({
      path: relative(root, join(folder, path)).split(sep).join('/'),
      text: readFileSync(join(folder, path), 'utf8'),
    }));
}
