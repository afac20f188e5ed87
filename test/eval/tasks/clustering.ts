import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  adjustedMutualInformation,
  adjustedRandIndex,
  clusterEmbeddings,
  dbcv,
  hdbscan,
  KMeans,
  normalizedMutualInformation,
  silhouette,
  vMeasure,
  wardClustering,
} from '@matome/clustering';
import { type Matrix, normalizeRows } from '@matome/primitives/linalg';
import { createRandom } from '@matome/primitives/random';
import { type Labelling, readLabellings, readMatrix, truthPath } from '../matrix-file.js';
import { type EvalContext, EvalInputError, type EvalTask } from '../task.js';

/** Rows above which the quadratic measures without truth are left out. */
const mostForPairs = 20_000;

/** Clusters of any labelled matrix, by any of the package's algorithms. */
export const task: EvalTask = {
  summary: 'Clusters of a matrix against labels: ARI, NMI, V-measure, and DBCV, silhouette, outliers without them.',
  options: {
    truth: 'label file (default: beside the data)',
    labels: 'column of the label file (default: the first); all columns are scored in byLabelling',
    'truth-noise': 'label of rows that are left out of the scores (default: 0 in columns named labels0, labels1, …)',
    algorithm: 'hdbscan, kmeans, ward or recipe (default hdbscan)',
    metric: 'euclidean or cosine (default euclidean; cosine for .int16le)',
    k: 'clusters of kmeans and ward (default: as many as there are true classes)',
    'n-init': 'starts of kmeans (default 10)',
    distance: 'height at which ward is cut, instead of k',
    'min-cluster-size': 'of hdbscan (default 5)',
    'min-samples': 'of hdbscan, without the row itself (default min-cluster-size)',
    method: 'eom or leaf (default eom)',
    epsilon: 'clusterSelectionEpsilon of hdbscan (default 0)',
    single: 'allows hdbscan a single cluster',
    'max-outlier-share': 'of hdbscan and recipe',
    'deadline-ms': 'of hdbscan and recipe',
    'max-clusters': 'of recipe',
    reference: 'a label file to agree with, or a method of reference-scores.csv.gz above the data',
  },
  async run(context) {
    const { data, options, limit, progress } = context;
    const x = readRows(context);
    progress(`${x.rows} × ${x.cols} read`);
    const path = truthPath(data, options['truth']);
    const labellings = path === undefined ? [] : readLabellings(path, limit);
    for (const { name, values } of labellings) {
      if (values.length !== x.rows) {
        throw new EvalInputError(`${path} has ${values.length} labels in ${name} for ${x.rows} rows.`);
      }
    }
    const truth = chosenLabelling(labellings, options['labels'], path ?? data);
    const start = performance.now();
    const found = await cluster(x, context, truth === undefined ? undefined : classesOf(truth, options));
    const clusterSeconds = (performance.now() - start) / 1000;
    progress(`${found.clusters} clusters`);
    const scores = truth === undefined ? {} : scoresOf(truth, found.labels, options);
    const byLabelling = Object.fromEntries(
      labellings.map((labelling) => [labelling.name, scoresOf(labelling, found.labels, options).ari]),
    );
    return {
      rows: x.rows,
      metrics: {
        cols: x.cols,
        ...scores,
        ...(labellings.length > 1 && { byLabelling }),
        ...unsupervised(x, found.labels),
        outlierShare: found.labels.filter((label) => label === -1).length / x.rows,
        clusterSeconds,
        ...found,
        labels: undefined,
        ...referenceScores(context, found.labels, truth?.name),
      },
    };
  },
};

function readRows({ data, options, limit }: EvalContext): Matrix {
  const x = readMatrix(data, limit);
  return metricOf(data, options) === 'cosine' ? normalizeRows(x) : x;
}

function metricOf(data: string, options: EvalContext['options']): 'euclidean' | 'cosine' {
  const metric = options['metric'] ?? (/\.int16le/.test(data) ? 'cosine' : 'euclidean');
  if (metric !== 'euclidean' && metric !== 'cosine') {
    throw new EvalInputError(`--metric must be euclidean or cosine. Got ${JSON.stringify(metric)}.`);
  }
  return metric;
}

function chosenLabelling(all: readonly Labelling[], name: string | undefined, path: string): Labelling | undefined {
  if (name === undefined) return all[0];
  const found = all.find((labelling) => labelling.name === name);
  if (found === undefined) throw new EvalInputError(`${path} has no column ${JSON.stringify(name)}.`);
  return found;
}

function noiseLabel({ name }: Labelling, options: EvalContext['options']): string | undefined {
  return options['truth-noise'] ?? (/^labels\d+$/.test(name) ? '0' : undefined);
}

function classesOf(truth: Labelling, options: EvalContext['options']): number {
  const classes = new Set(truth.values);
  classes.delete(noiseLabel(truth, options) ?? '');
  return classes.size;
}

interface Found {
  readonly labels: Int32Array;
  readonly clusters: number;
  readonly [detail: string]: unknown;
}

async function cluster(x: Matrix, context: EvalContext, classes: number | undefined): Promise<Found> {
  const { options, seed } = context;
  const algorithm = options['algorithm'] ?? 'hdbscan';
  const count = (labels: Int32Array) => new Set(labels.filter((label) => label >= 0)).size;
  if (algorithm === 'hdbscan') return byDensity(x, context);
  if (algorithm === 'kmeans') {
    const { labels, inertia } = KMeans.fit(x, {
      nClusters: clustersAsked(options, classes),
      nInit: numberOption(options, 'n-init') ?? 10,
      random: createRandom(seed),
    });
    return { labels, clusters: count(labels), inertia };
  }
  if (algorithm === 'ward') {
    const distance = numberOption(options, 'distance');
    const labels = wardClustering(
      x,
      distance === undefined ? { nClusters: clustersAsked(options, classes) } : { distance },
    );
    return { labels, clusters: count(labels) };
  }
  if (algorithm !== 'recipe') {
    throw new EvalInputError(`--algorithm must be hdbscan, kmeans, ward or recipe. Got ${JSON.stringify(algorithm)}.`);
  }
  const { labels, diagnostics } = await clusterEmbeddings(x, {
    metric: metricOf(context.data, options),
    maxOutlierShare: numberOption(options, 'max-outlier-share'),
    maxClusters: numberOption(options, 'max-clusters'),
    deadlineMs: numberOption(options, 'deadline-ms'),
    random: createRandom(seed),
  });
  return { labels, clusters: count(labels), diagnostics };
}

function byDensity(x: Matrix, { options, seed }: EvalContext): Found {
  const method = options['method'] ?? 'eom';
  if (method !== 'eom' && method !== 'leaf') {
    throw new EvalInputError(`--method must be eom or leaf. Got ${JSON.stringify(method)}.`);
  }
  const { labels, nClusters, adjustments, algorithm } = hdbscan(x, {
    minClusterSize: numberOption(options, 'min-cluster-size'),
    minSamples: numberOption(options, 'min-samples'),
    clusterSelectionMethod: method,
    clusterSelectionEpsilon: numberOption(options, 'epsilon'),
    allowSingleCluster: options['single'] === 'true',
    maxOutlierShare: numberOption(options, 'max-outlier-share'),
    deadlineMs: numberOption(options, 'deadline-ms'),
    random: createRandom(seed),
  });
  return { labels, clusters: nClusters, spanningTree: algorithm, adjustments };
}

function numberOption(options: EvalContext['options'], name: string): number | undefined {
  const text = options[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isNaN(value)) throw new EvalInputError(`--${name} must be a number. Got ${JSON.stringify(text)}.`);
  return value;
}

function clustersAsked(options: EvalContext['options'], classes: number | undefined): number {
  const k = numberOption(options, 'k') ?? classes;
  if (k === undefined) throw new EvalInputError('--k is needed where there are no labels.');
  return k;
}

/** Scores with the outliers found as a class of their own, and of the rows in clusters alone; true noise is left out. */
function scoresOf(truth: Labelling, labels: Int32Array, options: EvalContext['options']) {
  const noise = noiseLabel(truth, options);
  const numbers = new Map([...new Set(truth.values)].map((value, number) => [value, number]));
  const rows = truth.values.flatMap((value, i) => (value === noise ? [] : [i]));
  const pick = (kept: readonly number[]) =>
    [kept.map((i) => numbers.get(truth.values[i]!)!), kept.map((i) => labels[i]!)] as const;
  const all = pick(rows);
  const clustered = pick(rows.filter((i) => labels[i] !== -1));
  return {
    ari: adjustedRandIndex(...all),
    nmi: normalizedMutualInformation(...all),
    ami: adjustedMutualInformation(...all),
    vMeasure: vMeasure(...all).vMeasure,
    ariClustered: adjustedRandIndex(...clustered),
    vMeasureClustered: vMeasure(...clustered).vMeasure,
    classes: numbers.size - Number(noise !== undefined && numbers.has(noise)),
  };
}

function unsupervised(x: Matrix, labels: Int32Array) {
  const { mean, sampled } = silhouette(x, labels);
  const finite = (value: number) => (Number.isNaN(value) ? null : value);
  return {
    dbcv: x.rows > mostForPairs ? null : finite(dbcv(x, labels).score),
    silhouette: finite(mean),
    silhouetteSampled: sampled,
  };
}

/** Agreement with a reference partition, or the published score of a method on the same data and labels. */
function referenceScores({ data, options }: EvalContext, labels: Int32Array, labelling: string | undefined) {
  const reference = options['reference'];
  if (reference === undefined) return {};
  if (existsSync(reference)) {
    const columns = readLabellings(reference).filter(({ values }) => values.length === labels.length);
    if (columns.length === 0) throw new EvalInputError(`${reference} has no column of ${labels.length} labels.`);
    const agreements = columns
      .filter(({ values }) => values.every((value) => /^-?\d+$/.test(value)))
      .map(({ name, values }) => [name, adjustedRandIndex(values.map(Number), labels)]);
    return { reference, referenceAgreement: Object.fromEntries(agreements) as Record<string, number> };
  }
  const path = join(dirname(dirname(data)), 'reference-scores.csv.gz');
  if (!existsSync(path)) throw new EvalInputError(`There is neither a file ${reference} nor ${path}.`);
  const table = readLabellings(path);
  const column = (name: string) => table.find((labels) => labels.name === name)!.values;
  const dataset = basename(data).replace(/\.data\.csv(\.gz)?$/, '');
  const row = column('method').findIndex(
    (method, i) => method === reference && column('dataset')[i] === dataset && column('labels')[i] === labelling,
  );
  if (row === -1) throw new EvalInputError(`${path} has no row of ${reference} for ${dataset}, ${labelling}.`);
  return { reference, referenceAri: Number(column('ARI')[row]) };
}
