import { deduplicate } from '@matome/recap-core';
import { readRows } from '../../eval/read-rows.js';
import { hasModule, type Race, runPython, timeRuns } from '../race.js';

interface Row {
  readonly id: string | number;
  readonly text: string;
  readonly group: string | number;
}

/** Documents a second of datasketch 1.x (128 permutations, candidates checked) on 2 vCPU of an AMD EPYC, one thread. */
const storedDocumentsPerSecond = 1400;

/** As its documentation advises: one set of permutations, copied for every document, and whole sets at a time. */
const datasketch = `
import gzip, json, re, sys, time
from datasketch import MinHash, MinHashLSH
rows = [json.loads(l) for l in gzip.open(sys.argv[1], 'rt', encoding='utf-8') if l.strip()][: int(sys.argv[2])]
threshold = float(sys.argv[3])
def shingles(text):
    words = re.findall(r'\\w+', text.lower())
    return {' '.join(words[i : i + 3]) for i in range(max(1, len(words) - 2))}
start = time.perf_counter()
index, sets, pairs, empty = MinHashLSH(threshold=threshold, num_perm=128), [], [], MinHash(num_perm=128)
for i, row in enumerate(rows):
    own = shingles(row['text'])
    signature = empty.copy()
    signature.update_batch([s.encode('utf-8') for s in own])
    for j in index.query(signature):
        if len(own & sets[j]) >= threshold * len(own | sets[j]): pairs.append((j, i))
    index.insert(i, signature)
    sets.append(own)
print(json.dumps({'seconds': time.perf_counter() - start, 'pairs': pairs}))
`;

export const race: Race = {
  summary: 'Near-duplicates: --data ROWS (id, text, group) [--limit N] [--threshold 0.4]; against datasketch.',
  async run({ options, python, progress, report }) {
    const { data, limit, threshold = '0.4' } = options;
    if (data === undefined) throw new Error('The race needs --data ROWS.');
    const rows = await readRows<Row>(data, ['id', 'text', 'group'], limit === undefined ? undefined : Number(limit));
    const documents = rows.map(({ id, text }) => ({ id: String(id), text }));
    const place = new Map(documents.map(({ id }, i) => [id, i]));
    let pairs: [number, number][] = [];
    const { median } = await timeRuns(2, () => {
      pairs = deduplicate(documents).groups.flatMap(({ primaryId, duplicates }) => {
        const members = [primaryId, ...duplicates.map((member) => member.id)].map((id) => place.get(id)!);
        return members.flatMap((a, i) => members.slice(i + 1).map((b): [number, number] => [a, b]));
      });
    });
    const quality = { ours: pairScores(pairs, rows), documents: rows.length, documentsPerSecond: rows.length / median };
    const work = 'documents, datasketch';
    if (python === undefined || !hasModule(python, 'datasketch')) {
      progress('datasketch is not installed: its figure is the stored one');
      report({ work, oursSeconds: median, storedPeerSeconds: rows.length / storedDocumentsPerSecond, quality });
      return;
    }
    const peer = await runPython<{ seconds: number; pairs: [number, number][] }>(python, datasketch, [
      data,
      String(rows.length),
      threshold,
    ]);
    report({
      work,
      oursSeconds: median,
      peerSeconds: peer.seconds,
      quality: { ...quality, peer: pairScores(peer.pairs, rows), threshold: Number(threshold) },
    });
  },
};

function pairScores(pairs: readonly (readonly [number, number])[], rows: readonly Row[]) {
  const sizes = new Map<string, number>();
  for (const { group } of rows) sizes.set(String(group), (sizes.get(String(group)) ?? 0) + 1);
  let actual = 0;
  for (const size of sizes.values()) actual += (size * (size - 1)) / 2;
  const right = pairs.filter(([a, b]) => rows[a]!.group === rows[b]!.group).length;
  const precision = pairs.length === 0 ? 0 : right / pairs.length;
  const recall = actual === 0 ? 0 : right / actual;
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { precision, recall, f1 };
}
