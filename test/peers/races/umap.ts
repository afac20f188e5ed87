import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { densityCorrelation, trustworthiness, umap } from '@matome/clustering';
import { type Matrix, normalizeRows } from '@matome/primitives/linalg';
import { createRandom } from '@matome/primitives/random';
import { readMatrix } from '../../eval/matrix-file.js';
import { blobs, processorSeconds, pythonPrelude, withDataFolder } from '../cluster-data.js';
import { hasModule, type Race, runPython, timeRuns } from '../race.js';

interface Work {
  readonly work: string;
  readonly metric: 'euclidean' | 'cosine';
  /** Keeps local densities: densMAP. @default false */
  readonly densities?: boolean;
  /** Seconds of umap-learn after its compilation: seeded on one thread, unseeded on two. */
  readonly stored: readonly [number, number | undefined];
  /** Undefined when the data is not there. */
  rows(folder: string | undefined): Matrix | undefined;
}

const fromFile = (name: string) => (folder: string | undefined) => {
  const path = folder === undefined ? undefined : join(folder, name);
  return path !== undefined && existsSync(path) ? readMatrix(path) : undefined;
};

const works: readonly Work[] = [
  { work: 'digits', metric: 'euclidean', stored: [2.83, 2.33], rows: fromFile('digits.data.csv.gz') },
  { work: 'pendigits', metric: 'euclidean', stored: [3.53, 2.06], rows: fromFile('pendigits.data.csv.gz') },
  {
    work: 'digits with densities',
    metric: 'euclidean',
    densities: true,
    stored: [3.61, 4.39],
    rows: fromFile('digits.data.csv.gz'),
  },
  {
    work: 'pendigits with densities',
    metric: 'euclidean',
    densities: true,
    stored: [9.55, 12.3],
    rows: fromFile('pendigits.data.csv.gz'),
  },
  {
    work: '10,000 × 100',
    metric: 'euclidean',
    stored: [7.82, 4.08],
    rows: () => blobs(10_000, 100, 10, 0, 110, 2).x,
  },
  // The stored figure is of vectors of 384 columns.
  { work: 'BBC 2,225 × 512', metric: 'cosine', stored: [4.45, undefined], rows: fromFile('vectors/bbc.int16le.gz') },
  {
    work: 'unit rows 2,225 × 384',
    metric: 'cosine',
    stored: [4.45, undefined],
    rows: () => normalizeRows(blobs(2225, 384, 5, 0, 113, 12).x),
  },
];

const trustNeighbors = 15;

function program(metric: string, seeded: boolean, densities: boolean): string {
  return `${pythonPrelude}
import umap
from sklearn.manifold import trustworthiness
options = dict(n_neighbors=15, min_dist=0.1, metric="${metric}", densmap=${densities ? 'True' : 'False'}, ${seeded ? 'random_state=42, n_jobs=1' : ''})
f = lambda: umap.UMAP(**options).fit_transform(x)
seconds, embedding = timed(f, 3)
print(json.dumps(dict(seconds=seconds, processor=processor(f), trust=float(trustworthiness(x, embedding, n_neighbors=${trustNeighbors}, metric="${metric}")))))`;
}

/** UMAP to two dimensions, neighbours included, against umap-learn, and the first call of a new process. */
export const race: Race = {
  summary:
    'UMAP to 2-d: umap-learn seeded (1 thread) and unseeded (2 threads); first call of a new process. --data FOLDER with digits, pendigits and vectors/bbc, --only TEXT.',
  async run({ options, python, progress, report }) {
    const able = python !== undefined && hasModule(python, 'umap');
    for (const { work, metric, densities = false, stored, rows } of works) {
      if (options.only !== undefined && !work.replaceAll(',', '').includes(options.only)) continue;
      const x = rows(options.data);
      if (!x) {
        progress(`${work}: no data (give --data FOLDER)`);
        continue;
      }
      for (const [threads, seeded] of [
        [1, true],
        [2, false],
      ] as const) {
        const name = `UMAP ${work}, ${threads} threads, against umap-learn ${seeded ? 'seeded' : 'unseeded'}`;
        progress(name);
        const run = () => umap(x, { metric, threads, densities: densities ? {} : undefined, random: createRandom(42) });
        const embedding = await run();
        const trust = trustworthiness(x, embedding, { nNeighbors: trustNeighbors, metric });
        const { median, min } = await timeRuns(3, run);
        const processor = await processorSeconds(run);
        const labels = new Int32Array(x.rows);
        const theirs = able
          ? await withDataFolder({ x, labels }, (folder) =>
              runPython<{ seconds: number; processor: number; trust: number }>(
                python,
                program(metric, seeded, densities),
                [folder, String(x.rows), String(x.cols)],
                threads,
              ),
            )
          : undefined;
        report({
          work: theirs ? name : `${name}, absent`,
          oursSeconds: median,
          ...(theirs ? { peerSeconds: theirs.seconds } : { storedPeerSeconds: stored[seeded ? 0 : 1] }),
          quality: {
            best: min,
            processorSeconds: processor,
            peerProcessorSeconds: theirs?.processor,
            trustworthiness: trust,
            densityCorrelation: densities ? await densityCorrelation(x, embedding, { metric }) : undefined,
            peerTrustworthiness: theirs?.trust,
          },
        });
      }
    }
    if (options.only === undefined || 'cold start'.includes(options.only)) report(coldStart());
  },
};

/** A new process that reduces and clusters 2,000 × 64 rows and ends; its TypeScript is compiled on the way. */
function coldStart() {
  const script = fileURLToPath(new URL('../cold-start.ts', import.meta.url));
  const start = performance.now();
  const { stdout, status } = spawnSync(process.execPath, [...process.execArgv, script], { encoding: 'utf8' });
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error('The cold start did not end well.');
  return {
    work: 'first UMAP and HDBSCAN of 2,000 × 64 in a new process, against the compilation of umap-learn',
    oursSeconds: seconds,
    storedPeerSeconds: 16,
    quality: JSON.parse(stdout) as Record<string, unknown>,
  };
}
