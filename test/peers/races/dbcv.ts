import { dbcv } from '@matome/clustering';
import { blobs, pythonPrelude, withDataFolder } from '../cluster-data.js';
import { hasModule, type Race, runPython, timeRuns } from '../race.js';

const peers = [
  {
    name: 'hdbscan',
    module: 'hdbscan',
    definition: 'hdbscan',
    stored: 0.064,
    program:
      'from hdbscan.validity import validity_index\nf = lambda: validity_index(x.astype(np.float64), y.astype(np.int64))',
  },
  {
    name: 'DBCV of FelSiq',
    module: 'dbcv',
    definition: 'authors',
    stored: 0.127,
    program: 'from dbcv import dbcv\nf = lambda: dbcv(x.astype(np.float64), y.astype(np.int64))',
  },
] as const;

/** Density-based validation on one thread, each definition against the package it comes from. */
export const race: Race = {
  summary: 'DBCV, 2,000 × 10, one thread: hdbscan and FelSiq DBCV, each by its own definition.',
  async run({ python, report }) {
    const data = blobs(2000, 10, 20, 0.05, 103);
    for (const { name, module, definition, stored, program } of peers) {
      const theirs =
        python === undefined || !hasModule(python, module)
          ? undefined
          : await withDataFolder(data, (folder) =>
              runPython<{ seconds: number; value: number }>(
                python,
                `${pythonPrelude}${program}\nseconds, value = timed(f)\nprint(json.dumps(dict(seconds=seconds, value=float(value))))`,
                [folder, '2000', '10'],
              ),
            );
      const { median } = await timeRuns(5, () => dbcv(data.x, data.labels, { definition }));
      report({
        work: `DBCV 2,000 × 10 against ${name}${theirs === undefined ? ', absent' : ''}`,
        oursSeconds: median,
        peerSeconds: theirs?.seconds,
        storedPeerSeconds: theirs === undefined ? stored : undefined,
        quality: { value: dbcv(data.x, data.labels, { definition }).score, peerValue: theirs?.value },
      });
    }
  },
};
