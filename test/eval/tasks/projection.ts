import { nearestNeighbors, trustworthiness, Umap } from '@matome/clustering';
import { type Matrix, takeRows } from '@matome/primitives/linalg';
import { createRandom, sampleIndices } from '@matome/primitives/random';
import { readLabellings, readMatrix, truthPath } from '../matrix-file.js';
import { type EvalContext, EvalInputError, type EvalTask } from '../task.js';

/** Rows whose neighbourhoods are compared when there are more. */
const mostForTrust = 12_000;

/** How well UMAP keeps neighbourhoods, of any matrix. */
export const task: EvalTask = {
  summary: 'UMAP of a matrix: trustworthiness, neighbours of the same class, new rows placed, and time.',
  options: {
    truth: 'label file (default: beside the data)',
    metric: 'euclidean or cosine (default euclidean; cosine for .int16le)',
    neighbors: 'rows a row is compared with, itself counted (default 15)',
    components: 'dimensions (default 2)',
    'min-dist': 'how close rows may come (default 0.1)',
    epochs: 'rounds of the optimisation (default 500, or 200 above 10,000 rows)',
    init: 'spectral, pca or random (default spectral)',
    threads: 'threads of the optimisation (default 1)',
    trust: 'neighbours whose trustworthiness is measured (default 15)',
    holdout: 'share of rows kept out of the fit and placed by transform (default 0)',
    reference: 'a .csv embedding of the same rows to measure beside ours',
  },
  async run(context) {
    const { data, options, limit, seed, progress } = context;
    const all = readMatrix(data, limit);
    const metric = metricOf(context);
    const k = wholeNumber(options, 'trust', 15);
    const labels = readLabels(context, all.rows);
    const { fitted, kept } = splitRows(all.rows, Number(options['holdout'] ?? 0), seed);
    const x = kept.length > 0 ? takeRows(all, fitted) : all;
    progress(`${x.rows} × ${x.cols} read, ${kept.length} rows kept out`);
    const start = performance.now();
    const model = await Umap.fit(x, {
      metric,
      nNeighbors: wholeNumber(options, 'neighbors', 15),
      nComponents: wholeNumber(options, 'components', 2),
      minDist: Number(options['min-dist'] ?? 0.1),
      nEpochs: options['epochs'] === undefined ? undefined : wholeNumber(options, 'epochs', 0),
      init: (options['init'] ?? 'spectral') as 'spectral',
      threads: wholeNumber(options, 'threads', 1),
      random: createRandom(seed),
    });
    const umapSeconds = (performance.now() - start) / 1000;
    progress('embedded');
    const own = labels && fitted.map((i) => labels[i]!);
    const { reference } = options;
    return {
      rows: x.rows,
      metrics: {
        cols: x.cols,
        nNeighbors: model.nNeighbors,
        umapSeconds,
        ...measure(x, model.embedding, metric, k, seed),
        ...(own && { classAccuracyBefore: await classAccuracy(x, own, metric) }),
        ...(own && { classAccuracy: await classAccuracy(model.embedding, own, 'euclidean') }),
        ...(kept.length > 0 && (await placed(model, takeRows(all, kept), labels && kept.map((i) => labels[i]!), own))),
        ...(reference !== undefined && { reference: measure(x, readMatrix(reference, limit), metric, k, seed) }),
      },
    };
  },
};

function metricOf({ data, options }: EvalContext): 'euclidean' | 'cosine' {
  const metric = options['metric'] ?? (/\.int16le/.test(data) ? 'cosine' : 'euclidean');
  if (metric !== 'euclidean' && metric !== 'cosine') {
    throw new EvalInputError(`--metric must be euclidean or cosine. Got ${JSON.stringify(metric)}.`);
  }
  return metric;
}

function wholeNumber(options: EvalContext['options'], name: string, fallback: number): number {
  const value = Number(options[name] ?? fallback);
  if (!Number.isInteger(value) || value < 0) {
    throw new EvalInputError(`--${name} must be a whole number. Got ${JSON.stringify(options[name])}.`);
  }
  return value;
}

function readLabels({ data, options, limit }: EvalContext, rows: number): readonly string[] | undefined {
  const path = truthPath(data, options['truth']);
  if (path === undefined) return undefined;
  const values = readLabellings(path, limit)[0]?.values;
  if (values && values.length !== rows)
    throw new EvalInputError(`${path} has ${values.length} labels for ${rows} rows.`);
  return values;
}

function splitRows(rows: number, holdout: number, seed: number): { fitted: number[]; kept: number[] } {
  if (!(holdout >= 0 && holdout < 1)) throw new EvalInputError(`--holdout must be in [0, 1). Got ${holdout}.`);
  const kept = [...sampleIndices(rows, Math.floor(holdout * rows), createRandom(seed))];
  const out = new Set(kept);
  return { fitted: Array.from({ length: rows }, (_, i) => i).filter((i) => !out.has(i)), kept };
}

function measure(x: Matrix, embedding: Matrix, metric: 'euclidean' | 'cosine', k: number, seed: number) {
  if (embedding.rows !== x.rows) throw new EvalInputError(`The reference has ${embedding.rows} rows for ${x.rows}.`);
  if (x.rows <= mostForTrust) return { trustworthiness: trustworthiness(x, embedding, { nNeighbors: k, metric }) };
  const sample = sampleIndices(x.rows, mostForTrust, createRandom(seed));
  const value = trustworthiness(takeRows(x, sample), takeRows(embedding, sample), { nNeighbors: k, metric });
  return { trustworthiness: value, trustworthinessRows: mostForTrust };
}

/** Share of rows whose five nearest others are mostly of their class. */
async function classAccuracy(x: Matrix, labels: readonly string[], metric: 'euclidean' | 'cosine'): Promise<number> {
  const { indices, k } = await nearestNeighbors(x, { k: Math.min(5, x.rows - 1), metric });
  let right = 0;
  for (let i = 0; i < x.rows; i++) {
    if (vote(Array.from(indices.subarray(i * k, (i + 1) * k), (j) => labels[j]!)) === labels[i]) right++;
  }
  return right / x.rows;
}

/** The most frequent label, the first of equals. */
function vote(labels: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** Class of each new row by its nearest five training rows in the embedding. */
async function placed(
  model: Umap,
  x: Matrix,
  labels: readonly string[] | undefined,
  known: readonly string[] | undefined,
) {
  const start = performance.now();
  const positions = await model.transform(x);
  const transformSeconds = (performance.now() - start) / 1000;
  if (!labels || !known) return { placedRows: x.rows, transformSeconds };
  const { embedding } = model;
  let right = 0;
  for (let i = 0; i < x.rows; i++) {
    const squared = Float64Array.from({ length: embedding.rows }, (_, j) => {
      let sum = 0;
      for (let t = 0; t < embedding.cols; t++) {
        sum += (positions.data[i * embedding.cols + t]! - embedding.data[j * embedding.cols + t]!) ** 2;
      }
      return sum;
    });
    const nearest = Array.from(squared.keys())
      .sort((a, b) => squared[a]! - squared[b]!)
      .slice(0, 5);
    if (vote(nearest.map((j) => known[j]!)) === labels[i]) right++;
  }
  return { placedRows: x.rows, transformSeconds, placedClassAccuracy: right / x.rows };
}
