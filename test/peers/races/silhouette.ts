import { silhouette } from '@matome/clustering';
import { blobs, processorSeconds, pythonPrelude, withDataFolder } from '../cluster-data.js';
import { hasModule, type Race, runPython, timeRuns } from '../race.js';

const program = `${pythonPrelude}
from sklearn.metrics import silhouette_score
seconds, value = timed(lambda: silhouette_score(x, y))
print(json.dumps(dict(seconds=seconds, processor=processor(lambda: silhouette_score(x, y)), value=float(value))))`;

/** Mean silhouette of all rows on one thread against scikit-learn. */
export const race: Race = {
  summary: 'Silhouette, 5,000 × 64, one thread: scikit-learn.',
  async run({ python, report }) {
    const data = blobs(5000, 64, 20, 0, 109, 2);
    const theirs =
      python === undefined || !hasModule(python, 'sklearn')
        ? undefined
        : await withDataFolder(data, (folder) =>
            runPython<{ seconds: number; processor: number; value: number }>(python, program, [folder, '5000', '64']),
          );
    const { median } = await timeRuns(5, () => silhouette(data.x, data.labels));
    report({
      work: `silhouette 5,000 × 64 against scikit-learn${theirs === undefined ? ', absent' : ''}`,
      oursSeconds: median,
      peerSeconds: theirs?.seconds,
      storedPeerSeconds: theirs === undefined ? 0.136 : undefined,
      quality: {
        value: silhouette(data.x, data.labels).mean,
        peerValue: theirs?.value,
        processorSeconds: await processorSeconds(() => silhouette(data.x, data.labels)),
        peerProcessorSeconds: theirs?.processor,
      },
    });
  },
};
