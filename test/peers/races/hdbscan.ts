import { adjustedRandIndex, hdbscan } from '@matome/clustering';
import { blobs, type LabelledRows, processorSeconds, pythonPrelude, withDataFolder } from '../cluster-data.js';
import { hasModule, type Race, runPython, timeRuns } from '../race.js';

interface Peer {
  readonly name: string;
  readonly module: string;
  /** Defines `fit()`, which returns labels and the sum of the spanning tree's weights (or nothing). */
  readonly program: string;
  /** @default 1 */
  readonly threads?: number;
  /** Whether the spanning tree is exact in that many columns. */
  exact(cols: number): boolean;
}

const minClusterSize = 15;
const minSamples = 5;

const peers: readonly Peer[] = [
  {
    name: 'hdbscan (exact)',
    module: 'hdbscan',
    program: `
import hdbscan
x64 = x.astype(np.float64)
def fit():
    m = hdbscan.HDBSCAN(min_cluster_size=${minClusterSize}, min_samples=${minSamples}, approx_min_span_tree=False, core_dist_n_jobs=1).fit(x64)
    return m.labels_, float(m.single_linkage_tree_.to_numpy()[:, 2].sum())
`,
    exact: () => true,
  },
  {
    name: 'fast_hdbscan',
    module: 'fast_hdbscan',
    program: `
import fast_hdbscan
def fit():
    return fast_hdbscan.HDBSCAN(min_cluster_size=${minClusterSize}, min_samples=${minSamples}).fit(x).labels_, None
`,
    exact: (cols) => cols <= 30,
  },
  ...[1, 2].flatMap((threads) =>
    (['auto', 'brute'] as const).map((algorithm) => ({
      name: `scikit-learn (${algorithm}${threads > 1 ? `, ${threads} threads` : ''})`,
      module: 'sklearn',
      threads,
      program: `
from sklearn.cluster import HDBSCAN
def fit():
    m = HDBSCAN(min_cluster_size=${minClusterSize}, min_samples=${minSamples + 1}, n_jobs=${threads}, copy=False, algorithm="${algorithm}").fit(x)
    return m.labels_, float(m._single_linkage_tree_["value"].sum())
`,
      exact: () => true,
    })),
  ),
];

interface PeerResult {
  readonly seconds: number;
  readonly processor: number;
  readonly labels: number[];
  readonly weight: number | null;
}

const works = [
  { work: '10,000 × 2', stored: 0.08, rows: () => blobs(10_000, 2, 20, 0.05, 101, 0.4) },
  { work: '50,000 × 2', stored: 0.648, rows: () => blobs(50_000, 2, 20, 0.05, 102, 0.4) },
  { work: '5,000 × 10', stored: 0.169, rows: () => blobs(5000, 10, 20, 0.05, 103) },
  { work: '10,000 × 10', stored: 0.509, rows: () => blobs(10_000, 10, 20, 0.05, 104) },
  { work: '20,000 × 10', stored: 1.536, rows: () => blobs(20_000, 10, 20, 0.05, 105) },
  { work: '5,000 × 50', stored: 1.241, rows: () => blobs(5000, 50, 20, 0.05, 106) },
  { work: '1,000 × 256', stored: 0.144, rows: () => blobs(1000, 256, 10, 0.05, 107) },
  { work: '2,000 × 256', stored: 0.484, rows: () => blobs(2000, 256, 10, 0.05, 108) },
] as const;

/** Rows above which a peer that measures every pair takes minutes and gigabytes. */
const mostForBrute = 6000;

function weightOf(weights: Float64Array): number {
  return weights.reduce((sum, weight) => sum + weight, 0);
}

async function runPeer(python: string, peer: Peer, data: LabelledRows): Promise<PeerResult> {
  const program = `${pythonPrelude}${peer.program}
seconds, (labels, weight) = timed(fit)
print(json.dumps(dict(seconds=seconds, processor=processor(fit), labels=labels.tolist(), weight=weight)))`;
  return withDataFolder(data, (folder) =>
    runPython<PeerResult>(python, program, [folder, String(data.x.rows), String(data.x.cols)], peer.threads),
  );
}

/** HDBSCAN on one thread against every implementation the interpreter has. */
export const race: Race = {
  summary:
    'HDBSCAN, one thread, eight sizes: hdbscan in exact mode, scikit-learn on one and two threads, fast_hdbscan. --only TEXT picks sizes.',
  async run({ python, options, progress, report }) {
    for (const { work, stored, rows } of works) {
      if (options['only'] !== undefined && !work.replaceAll(',', '').includes(options['only'])) continue;
      const data = rows();
      const present = python === undefined ? [] : peers.filter(({ module }) => hasModule(python, module));
      const found = hdbscan(data.x, { minClusterSize, minSamples });
      const quality = {
        algorithm: found.algorithm,
        ari: adjustedRandIndex(data.labels, found.labels),
        clusters: found.nClusters,
        treeWeight: weightOf(found.spanningTree.weights),
      };
      for (const peer of present) {
        if (peer.name.includes('brute') && data.x.rows > mostForBrute) continue;
        progress(`HDBSCAN ${work} against ${peer.name}`);
        const theirs = await runPeer(python!, peer, data);
        const run = () => hdbscan(data.x, { minClusterSize, minSamples });
        const { median } = await timeRuns(5, run);
        report({
          work: `HDBSCAN ${work} against ${peer.name}${peer.exact(data.x.cols) ? '' : ', approximate'}`,
          oursSeconds: median,
          peerSeconds: theirs.seconds,
          quality: {
            ...quality,
            peerAri: adjustedRandIndex(data.labels, theirs.labels),
            agreement: adjustedRandIndex(found.labels, theirs.labels),
            peerTreeWeight: theirs.weight ?? undefined,
            processorSeconds: await processorSeconds(run),
            peerProcessorSeconds: theirs.processor,
          },
        });
      }
      if (present.some(({ module }) => module === 'hdbscan')) continue;
      const { median } = await timeRuns(5, () => hdbscan(data.x, { minClusterSize, minSamples }));
      report({
        work: `HDBSCAN ${work} against hdbscan (exact), absent`,
        oursSeconds: median,
        storedPeerSeconds: stored,
        quality,
      });
    }
  },
};
