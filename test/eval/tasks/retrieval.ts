import { createDenseEngine } from '@matome/primitives/dense';
import { createRandom, sampleIndices } from '@matome/primitives/random';
import { openEmbedder } from '../open-embedder.js';
import { readRows } from '../read-rows.js';
import { EvalInputError, type EvalTask } from '../task.js';

interface PairRow {
  readonly id: string;
  readonly a: string;
  readonly b: string;
  readonly split?: string;
}

interface Pair {
  readonly a: string;
  readonly b: string;
}

/** Aligned sentences: for each side the other one is to be found among all. */
export const task: EvalTask = {
  summary: 'Finds the other half of aligned sentence pairs among all of them: recall at 1 and 10, both ways.',
  options: {
    other:
      'a second file: row by row the same sentences in another language, joined on the id without its language part',
    model: "'default', 'minilm', 'hashing' or a model folder; default 'default'",
    split: "only rows whose field 'split' has this value",
    threads: 'threads of a transformer model',
  },
  async run({ data, options, limit, seed, progress }) {
    const { other, model, split, threads } = options;
    const rows = (await readRows<PairRow>(data, ['id', 'a', 'b'])).filter(
      (r) => split === undefined || r.split === split,
    );
    const all = distinct(other === undefined ? rows : joined(rows, await readRows<PairRow>(other, ['id', 'a', 'b'])));
    const size = Math.min(limit, all.length);
    if (size < 2) throw new EvalInputError(`${data} holds fewer than two pairs that the options select.`);
    const pairs = [...sampleIndices(all.length, size, createRandom(seed))].map((i) => all[i]!);
    const embedder = await openEmbedder(model, threads);
    progress(`${pairs.length} pairs of ${all.length}, ${embedder.modelId}`);
    const left = await embedder.embed(pairs.map(({ a }) => a));
    const right = await embedder.embed(pairs.map(({ b }) => b));
    const engine = await createDenseEngine();
    const k = Math.min(10, size);
    const forth = recall((await engine.nearestRows(left, right, { k, metric: 'cosine' })).indices, k);
    const back = recall((await engine.nearestRows(right, left, { k, metric: 'cosine' })).indices, k);
    await Promise.all([engine.dispose(), embedder.dispose()]);
    return {
      rows: pairs.length,
      metrics: {
        recallAt1: (forth.at1 + back.at1) / 2,
        recallAt10: (forth.at10 + back.at10) / 2,
        bothWays: { aToB: forth, bToA: back },
        modelId: embedder.modelId,
        fingerprint: embedder.fingerprint,
      },
    };
  },
};

/** Pairs the sentences that stand at the same place of two files; an id names its language: `stsb-en-train-0`. */
function joined(rows: readonly PairRow[], others: readonly PairRow[]): Pair[] {
  const key = (id: string) => id.replace(/-[a-z]{2}-/, '-');
  const byKey = new Map(others.map((r) => [key(r.id), r]));
  return rows.flatMap((r) => {
    const same = byKey.get(key(r.id));
    return same
      ? [
          { a: r.a, b: same.a },
          { a: r.b, b: same.b },
        ]
      : [];
  });
}

/** A sentence that stood twice on one side would have two right answers. */
function distinct(pairs: readonly Pair[]): Pair[] {
  const seen = { a: new Set<string>(), b: new Set<string>() };
  return pairs.filter(({ a, b }) => {
    if (seen.a.has(a) || seen.b.has(b)) return false;
    seen.a.add(a);
    seen.b.add(b);
    return true;
  });
}

function recall(indices: Uint32Array, k: number): { at1: number; at10: number } {
  const rows = indices.length / k;
  let at1 = 0;
  let at10 = 0;
  for (let i = 0; i < rows; i++) {
    const found = indices.subarray(i * k, (i + 1) * k).indexOf(i);
    if (found === 0) at1++;
    if (found >= 0) at10++;
  }
  return { at1: at1 / rows, at10: at10 / rows };
}
