import { createDenseEngine } from '@matome/primitives/dense';
import { type Matrix, normalizeRows } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import { pythonPrelude, withDataFolder } from '../cluster-data.js';
import { hasModule, type Race, runPython, timeRuns } from '../race.js';

const k = 15;

/** Rows of length 1 around 64 centres, as sentence vectors lie. */
function unitRows(rows: number, cols: number, seed: number): Matrix {
  const random = createRandom(seed);
  const centres = Float64Array.from({ length: 64 * cols }, () => normalSample(random));
  const data = new Float32Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    const centre = Math.floor(random() * 64) * cols;
    for (let j = 0; j < cols; j++) data[i * cols + j] = centres[centre + j]! + normalSample(random);
  }
  return normalizeRows({ data, rows, cols });
}

const peers = [
  {
    name: 'faiss IndexFlatIP',
    module: 'faiss',
    storedSeconds: 2.67,
    program: `
import faiss
faiss.omp_set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
def find():
    index = faiss.IndexFlatIP(cols); index.add(x)
    return index.search(x, ${k + 1})[1]
`,
  },
  {
    name: 'scikit-learn brute',
    module: 'sklearn',
    storedSeconds: 5.4,
    program: `
from sklearn.neighbors import NearestNeighbors
def find():
    return NearestNeighbors(n_neighbors=${k + 1}, algorithm="brute", n_jobs=1).fit(x).kneighbors(x)[1]
`,
  },
] as const;

/** The 15 nearest rows of every row, exact, on as many threads as asked for. */
export const race: Race = {
  summary:
    'Exact 15 nearest of 20,000 × 384 rows: faiss, scikit-learn, a plain loop. --threads 1, --rows 20000, --rounds 3.',
  async run({ python, options, progress, report }) {
    const threads = Number(options['threads'] ?? 1);
    const x = unitRows(Number(options['rows'] ?? 20_000), 384, 112);
    const rounds = Number(options['rounds'] ?? 3);
    const size = `${x.rows.toLocaleString('en')} × ${x.cols}, ${threads} threads`;
    const engine = await createDenseEngine({ engine: 'onnx', threads });
    const search = () => engine.nearestRows(x, x, { k, metric: 'cosine', excludeSelf: true });
    const found = (await search()).indices;
    for (const { name, module, program, storedSeconds } of peers) {
      const able = python !== undefined && hasModule(python, module);
      progress(`${size} against ${name}`);
      const theirs = able ? await askPeer(python, program, x, rounds, threads) : undefined;
      const { median, min } = await timeRuns(rounds, search);
      report({
        work: `nearest rows ${size} against ${name}${able ? '' : ', absent'}`,
        oursSeconds: median,
        ...(theirs ? { peerSeconds: theirs.seconds } : { storedPeerSeconds: storedSeconds }),
        quality: { best: min, sameNeighbours: theirs ? agreement(found, theirs.indices) : undefined },
      });
    }
    const loop = naiveSeconds(x, 50) * (x.rows / 50);
    const { median } = await timeRuns(rounds, search);
    report({
      work: `nearest rows ${size} against a plain loop (timed on 50 rows)`,
      oursSeconds: median,
      peerSeconds: loop,
      quality: {},
    });
    await engine.dispose();
  },
};

async function askPeer(python: string, find: string, x: Matrix, rounds: number, threads: number) {
  const program = `${pythonPrelude}${find}
seconds, indices = timed(find, ${rounds})
print(json.dumps(dict(seconds=seconds, indices=indices.tolist())))`;
  const labels = new Int32Array(x.rows);
  return withDataFolder({ x, labels }, (folder) =>
    runPython<{ seconds: number; indices: number[][] }>(
      python,
      program,
      [folder, String(x.rows), String(x.cols)],
      threads,
    ),
  );
}

/** Share of our neighbours that the peer found too; it lists the row itself as well. */
function agreement(ours: Uint32Array, theirs: readonly (readonly number[])[]): number {
  let same = 0;
  for (let i = 0; i < theirs.length; i++) {
    const known = new Set(theirs[i]);
    for (let r = 0; r < k; r++) if (known.has(ours[i * k + r]!)) same++;
  }
  return same / (theirs.length * k);
}

/** A double loop with a sort a row, as one writes it first. */
function naiveSeconds(x: Matrix, rows: number): number {
  const start = performance.now();
  let sink = 0;
  for (let i = 0; i < rows; i++) {
    const scored: [number, number][] = [];
    for (let j = 0; j < x.rows; j++) {
      let sum = 0;
      for (let c = 0; c < x.cols; c++) sum += x.data[i * x.cols + c]! * x.data[j * x.cols + c]!;
      scored.push([sum, j]);
    }
    scored.sort((a, b) => b[0] - a[0]);
    sink += scored[1]![1];
  }
  if (Number.isNaN(sink)) throw new Error('The loop gave no neighbours.');
  return (performance.now() - start) / 1000;
}
