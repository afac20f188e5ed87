import { adjustedRandIndex, cutTree, wardLinkage } from '@matome/clustering';
import { blobs, processorSeconds, pythonPrelude, withDataFolder } from '../cluster-data.js';
import { hasModule, type Race, runPython, timeRuns } from '../race.js';

const program = `${pythonPrelude}
import resource
from scipy.cluster.hierarchy import fcluster, linkage
x64 = x.astype(np.float64)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
seconds, z = timed(lambda: linkage(x64, "ward"))
peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
print(json.dumps(dict(seconds=seconds, processor=processor(lambda: linkage(x64, "ward")), top=float(z[-1, 2]), labels=fcluster(z, 20, "maxclust").tolist(), peakMb=peak)))`;

/** Ward's method on one thread against scipy's. */
export const race: Race = {
  summary: 'Ward, 5,000 × 64, one thread: scipy.',
  async run({ python, report }) {
    const data = blobs(5000, 64, 20, 0, 109, 2);
    const tree = wardLinkage(data.x);
    const labels = cutTree(tree, { nClusters: 20 });
    const theirs =
      python === undefined || !hasModule(python, 'scipy')
        ? undefined
        : await withDataFolder(data, (folder) =>
            runPython<{ seconds: number; processor: number; top: number; labels: number[]; peakMb: number }>(
              python,
              program,
              [folder, '5000', '64'],
            ),
          );
    const { median } = await timeRuns(5, () => wardLinkage(data.x));
    report({
      work: `Ward 5,000 × 64 against scipy${theirs === undefined ? ', absent' : ''}`,
      oursSeconds: median,
      peerSeconds: theirs?.seconds,
      storedPeerSeconds: theirs === undefined ? 0.51 : undefined,
      quality: {
        ari: adjustedRandIndex(data.labels, labels),
        topHeight: tree.height.at(-1),
        peerTopHeight: theirs?.top,
        agreement: theirs && adjustedRandIndex(labels, theirs.labels),
        peerPeakMb: theirs?.peakMb,
        processorSeconds: await processorSeconds(() => wardLinkage(data.x)),
        peerProcessorSeconds: theirs?.processor,
      },
    });
  },
};
