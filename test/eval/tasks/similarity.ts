import { dot, row } from '@matome/primitives/linalg';
import { pearson, spearman } from '../correlation.js';
import { openEmbedder } from '../open-embedder.js';
import { readRows } from '../read-rows.js';
import { EvalInputError, type EvalTask } from '../task.js';

interface SimilarityRow {
  readonly id: string;
  readonly a: string;
  readonly b: string;
  readonly score: number;
  readonly split?: string;
}

/** Cosines of sentence pairs against the judgement of people. */
export const task: EvalTask = {
  summary: 'Cosine of two texts against human similarity scores: Spearman, Pearson.',
  options: {
    model: "'default', 'minilm', 'hashing' or a model folder; default 'default'",
    split: "only rows whose field 'split' has this value",
    threads: 'threads of a transformer model',
  },
  async run({ data, options, limit, progress }) {
    const { model, split, threads } = options;
    const all = await readRows<SimilarityRow>(data, ['id', 'a', 'b', 'score']);
    const rows = all.filter((r) => split === undefined || r.split === split).slice(0, limit);
    if (rows.length < 2) throw new EvalInputError(`${data} holds fewer than two rows that the options select.`);
    const bad = rows.find(({ score }) => !Number.isFinite(score));
    if (bad) throw new EvalInputError(`${data} holds a score that is not a number in row ${bad.id}.`);
    const embedder = await openEmbedder(model, threads);
    progress(`${rows.length} pairs, ${embedder.modelId}`);
    const start = performance.now();
    const vectors = await embedder.embed(rows.flatMap(({ a, b }) => [a, b]));
    const seconds = (performance.now() - start) / 1000;
    const cosines = rows.map((_, i) => dot(row(vectors, 2 * i), row(vectors, 2 * i + 1)));
    const scores = rows.map(({ score }) => score);
    await embedder.dispose();
    return {
      rows: rows.length,
      metrics: {
        spearman: spearman(cosines, scores),
        pearson: pearson(cosines, scores),
        pairsPerSecond: rows.length / seconds,
        modelId: embedder.modelId,
        fingerprint: embedder.fingerprint,
      },
    };
  },
};
