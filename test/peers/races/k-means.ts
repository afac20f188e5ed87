import { BisectingKMeans, KMeans, MiniBatchKMeans, normalizedMutualInformation } from '@matome/clustering';
import { type Matrix, normalizeRows } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import { pythonPrelude, withDataFolder } from '../cluster-data.js';
import { hasModule, type Race, runPython, timeRuns } from '../race.js';

const k = 50;
const groups = 64;

/** Rows of length 1 around 64 directions, more than the clusters asked for. */
function unitRows(rows: number, cols: number, seed: number): { x: Matrix; labels: Int32Array } {
  const random = createRandom(seed);
  const centres = Float64Array.from({ length: groups * cols }, () => normalSample(random));
  const labels = Int32Array.from({ length: rows }, () => Math.floor(random() * groups));
  const data = new Float32Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    for (let t = 0; t < cols; t++) data[i * cols + t] = centres[labels[i]! * cols + t]! + normalSample(random);
  }
  return { x: normalizeRows({ data, rows, cols }), labels };
}

interface Fitted {
  readonly inertia: number;
  readonly labels: Int32Array;
}

const works = [
  {
    work: 'k-means',
    stored: 0.42,
    ours: (x: Matrix, seed: number): Fitted => KMeans.fit(x, { nClusters: k, nInit: 1, random: createRandom(seed) }),
    theirs: `KMeans(${k}, n_init=1, random_state=s, max_iter=100)`,
  },
  {
    work: 'mini-batch k-means',
    stored: 0.25,
    ours: (x: Matrix, seed: number): Fitted => MiniBatchKMeans.fit(x, { nClusters: k, random: createRandom(seed) }),
    theirs: `MiniBatchKMeans(${k}, n_init=3, random_state=s, batch_size=1024)`,
  },
  {
    work: 'bisecting k-means',
    stored: 0.13,
    ours: (x: Matrix, seed: number): Fitted => BisectingKMeans.fit(x, { nClusters: k, random: createRandom(seed) }),
    theirs: `BisectingKMeans(${k}, n_init=1, random_state=s)`,
  },
] as const;

const seeds = [0, 1, 2, 3, 4];

/** The k-means family against scikit-learn, one thread, five seeds each. */
export const race: Race = {
  summary: 'k-means, mini-batch and bisecting, 20,000 × 384 rows, k = 50, one thread: scikit-learn. --rows 20000.',
  async run({ options, python, progress, report }) {
    const { x, labels } = unitRows(Number(options.rows ?? 20_000), 384, 112);
    const able = python !== undefined && hasModule(python, 'sklearn');
    for (const { work, stored, ours, theirs } of works) {
      const name = `${work} ${x.rows.toLocaleString('en')} × ${x.cols}, k = ${k}`;
      progress(name);
      const program = `${pythonPrelude}
from sklearn.cluster import KMeans, MiniBatchKMeans, BisectingKMeans
seeds = ${JSON.stringify(seeds)}
inertia = [float((lambda s: ${theirs})(s).fit(x).inertia_) for s in seeds]
def fit():
    start = time.process_time()
    for s in seeds: (${theirs}).fit(x)
    return time.process_time() - start
seconds, processor = timed(fit, 3)
print(json.dumps(dict(seconds=seconds / len(seeds), processor=processor / len(seeds), inertia=sum(inertia) / len(seeds))))`;
      const peer = able
        ? await withDataFolder({ x, labels }, (folder) =>
            runPython<{ seconds: number; processor: number; inertia: number }>(python, program, [
              folder,
              String(x.rows),
              String(x.cols),
            ]),
          )
        : undefined;
      const fitted = seeds.map((seed) => ours(x, seed));
      const before = process.cpuUsage();
      const { median } = await timeRuns(3, () => {
        for (const seed of seeds) ours(x, seed);
      });
      const { user, system } = process.cpuUsage(before);
      const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
      const inertia = mean(fitted.map((model) => model.inertia));
      report({
        work: peer ? `${name} against scikit-learn` : `${name} against scikit-learn, absent`,
        oursSeconds: median / seeds.length,
        ...(peer ? { peerSeconds: peer.seconds } : { storedPeerSeconds: stored }),
        quality: {
          inertia,
          peerInertia: peer?.inertia,
          inertiaRatio: peer && inertia / peer.inertia,
          nmi: mean(fitted.map((model) => normalizedMutualInformation(labels, model.labels))),
          processorSeconds: (user + system) / 1e6 / (4 * seeds.length),
          peerProcessorSeconds: peer?.processor,
        },
      });
    }
  },
};
