import { type CsrMatrix, csrFromRows } from '@matome/primitives/linalg';
import { loadOnnxRuntime } from '@matome/primitives/onnx';
import { createRandom, sampleIndices } from '@matome/primitives/random';
import {
  collaborativeData,
  type EncodedRows,
  easeScorer,
  evaluateRetrieval,
  fitTwoTower,
  interactionMatrix,
  itemKnnScorer,
  popularityScorer,
  productScorer,
  type RetrievalReport,
  type RetrievalTask,
  type Scorer,
  type TwoTowerModel,
  type TwoTowerOptions,
  takeEncodedRows,
} from '@matome/two-tower';
import {
  encodeTable,
  type InteractionFile,
  type InteractionRow,
  readCsv,
  readInteractions,
} from '../interaction-rows.js';
import { holdOut, keepItems, selectItems, union } from '../interaction-splits.js';
import { type EvalContext, EvalInputError, type EvalTask } from '../task.js';

const models = ['two-tower', 'popularity', 'item-knn', 'ease'] as const;
type ModelName = (typeof models)[number];

export const task: EvalTask = {
  summary: 'Recommend items: every item is ranked for every user, items of training are left out, means over users.',
  options: {
    users: 'CSV file of user features, the id first',
    items: 'CSV file of item features, the id first',
    model: `${models.join(', ')} (default two-tower, with the others beside it)`,
    k: 'length of the lists beside 10 and 20 (default 20)',
    test: 'split to find (default test)',
    'min-rating': 'only interactions with at least this rating count (default all)',
    cold: 'share of the items kept out of training to measure cold start (default 0.1 with --items, else 0)',
    dim: 'length of the vectors (default 128)',
    epochs: 'most epochs (default 40)',
    'batch-size': 'default 2048',
    'learning-rate': 'default 0.004',
    dropout: 'default 0.5',
    temperature: 'default 0.07',
    'log-q': 'corrected, standard or none (default corrected)',
    'uniform-negatives': 'default an eighth of the items, but 1024 to 4096',
    balance: '0 counts pairs alike, 1 users (default 0.5)',
    'average-epochs': 'epochs whose weights are averaged (default 2)',
    lambda: 'of EASE (default 300)',
    threads: 'default 1',
  },
  run,
};

interface Settings {
  readonly model: ModelName;
  readonly ks: readonly number[];
  readonly threads: number;
  readonly lambda: number;
  readonly seed: number;
  readonly training: Omit<TwoTowerOptions, 'runtime'>;
}

interface Problem {
  readonly train: CsrMatrix;
  readonly validation: CsrMatrix;
  /** Train and validation together. */
  readonly known: CsrMatrix;
  readonly test: CsrMatrix;
  readonly users: EncodedRows | undefined;
  readonly items: EncodedRows | undefined;
}

async function run(context: EvalContext) {
  const { options, seed, progress } = context;
  const userTable = options.users ? await readCsv(options.users) : undefined;
  const itemTable = options.items ? await readCsv(options.items) : undefined;
  const share = number(options, 'cold', itemTable ? 0.1 : 0);
  if (share > 0 && !itemTable) throw new EvalInputError('--cold needs --items, by which new items are known.');
  const file = await readInteractions(context.data, itemTable, userTable);
  const settings = readSettings(options, seed, file.items.length);
  const features = {
    users: userTable && encodeTable(userTable, file.users),
    items: itemTable && encodeTable(itemTable, file.items),
  };
  const rows = file.rows.filter(({ rating }) => !(rating < number(options, 'min-rating', Number.NEGATIVE_INFINITY)));
  const problem = { ...splitRows(file, rows.slice(0, context.limit), options.test ?? 'test', seed), ...features };
  progress(
    `${file.users.length} users, ${file.items.length} items, ${problem.known.indices.length} known, ${problem.test.indices.length} to find`,
  );
  const main = await measure(settings.model, problem, settings, progress);
  const baselines: Record<string, unknown> = {};
  for (const name of models.slice(1).filter((name) => settings.model === 'two-tower' && fits(name, problem))) {
    const { report } = await measure(name, problem, settings, progress);
    baselines[name] = {
      recallAt20: round(report.at[20]!.recall),
      ndcgAt20: round(report.at[20]!.ndcg),
      auc: round(report.auc),
    };
  }
  const cold = share > 0 && settings.model === 'two-tower' ? await measureCold(problem, settings, share, progress) : {};
  const metrics = { ...metricsOf(main.report, settings.ks), ...main.extra, ...cold };
  return { rows: rows.length, metrics: Object.keys(baselines).length > 0 ? { ...metrics, baselines } : metrics };
}

function readSettings(options: EvalContext['options'], seed: number, items: number): Settings {
  const model = (options.model ?? 'two-tower') as ModelName;
  if (!models.includes(model))
    throw new EvalInputError(`--model must be one of ${models.join(', ')}. Got ${JSON.stringify(model)}.`);
  const dropout = number(options, 'dropout', 0.5);
  const logQ = (options['log-q'] ?? 'corrected') as 'corrected';
  const tower = { hidden: [], outputDropout: dropout };
  return {
    model,
    ks: [...new Set([10, 20, number(options, 'k', 20)])],
    threads: number(options, 'threads', 1),
    lambda: number(options, 'lambda', 300),
    seed,
    training: {
      embeddingDim: number(options, 'dim', 128),
      epochs: number(options, 'epochs', 40),
      batchSize: number(options, 'batch-size', 2048),
      learningRate: number(options, 'learning-rate', 0.004),
      averageEpochs: number(options, 'average-epochs', 2),
      clipNorm: null,
      user: tower,
      item: tower,
      loss: {
        kind: 'softmax',
        temperature: number(options, 'temperature', 0.07),
        logQ,
        // A batch shows popular items only: the larger the catalogue, the more of the rest has to be drawn.
        uniformNegatives: number(options, 'uniform-negatives', Math.min(4096, Math.max(1024, Math.round(items / 8)))),
        balanceUsers: number(options, 'balance', 0.5),
      },
      seed,
    },
  };
}

function number(options: EvalContext['options'], name: string, fallback: number): number {
  const value = options[name] === undefined ? fallback : Number(options[name]);
  if (Number.isNaN(value))
    throw new EvalInputError(`--${name} must be a number. Got ${JSON.stringify(options[name])}.`);
  return value;
}

/** A split of its own name is the validation; without one a tenth of every user's known items is. */
function splitRows(file: InteractionFile, rows: readonly InteractionRow[], test: string, seed: number) {
  const matrix = (chosen: readonly InteractionRow[]) =>
    interactionMatrix(
      { userRows: chosen.map(({ user }) => user), itemRows: chosen.map(({ item }) => item) },
      file.users.length,
      file.items.length,
    );
  const testRows = rows.filter(({ split }) => split === test);
  if (testRows.length === 0) throw new EvalInputError(`No row has the split ${JSON.stringify(test)}.`);
  const knownRows = rows.filter(({ split }) => split !== test);
  const known = matrix(knownRows);
  const named = knownRows.filter(({ split }) => split !== 'train' && split !== '');
  const [train, validation] =
    named.length > 0
      ? [matrix(knownRows.filter(({ split }) => split === 'train' || split === '')), matrix(named)]
      : holdOut(known, createRandom(seed));
  return { train, validation, known, test: matrix(testRows) };
}

/** EASE inverts the smaller side, whose cube is minutes above this. */
function fits(name: ModelName, { known }: Problem): boolean {
  return name !== 'ease' || Math.min(known.rows, known.cols) <= 3000;
}

async function measure(name: ModelName, problem: Problem, settings: Settings, progress: (message: string) => void) {
  const task: RetrievalTask = { relevant: problem.test, seen: problem.known };
  const options = { ks: settings.ks };
  if (name === 'two-tower') {
    const { model, data, seconds } = await train(problem, settings, progress);
    const report = await withScorer(model, data.users, data.items, settings, (scorer) =>
      evaluateRetrieval(scorer, task, options),
    );
    const epochSeconds = Number((seconds / model.history.length).toFixed(3));
    return { report, extra: { epochSeconds, epochs: model.history.length, parameters: parameterCount(model) } };
  }
  const start = performance.now();
  const scorer = baselineScorer(name, problem.known, settings.lambda);
  const fitSeconds = Number(((performance.now() - start) / 1000).toFixed(3));
  const report = await evaluateRetrieval(scorer, task, options);
  progress(`${name}: recall@20 ${round(report.at[20]!.recall)}, nDCG@20 ${round(report.at[20]!.ndcg)}`);
  return { report, extra: { fitSeconds } };
}

function baselineScorer(name: Exclude<ModelName, 'two-tower'>, known: CsrMatrix, lambda: number): Scorer {
  if (name === 'popularity') return popularityScorer(known);
  return name === 'ease' ? easeScorer(known, { lambda }) : itemKnnScorer(known);
}

/** Finds the number of epochs on the validation part, then trains that long on everything that is known. */
async function train(problem: Problem, settings: Settings, progress: (message: string) => void, coldStart = false) {
  const runtime = await loadOnnxRuntime({ threads: settings.threads });
  const features = {
    ...(problem.users ? { users: problem.users } : {}),
    ...(problem.items ? { items: problem.items } : {}),
  };
  const item = { ...settings.training.item, ...(coldStart ? { bagDropout: { id: 0.5 } } : {}) };
  const options = { ...settings.training, runtime, item };
  const onEpoch: TwoTowerOptions['onEpoch'] = ({ epoch, loss, recall, ndcg }) =>
    progress(
      `epoch ${epoch}: loss ${loss.toFixed(4)}${recall === undefined ? '' : `, validation recall@20 ${recall.toFixed(4)}, nDCG@20 ${ndcg!.toFixed(4)}`}`,
    );
  const part = collaborativeData(problem.train, features);
  const validation = { users: part.users, relevant: problem.validation, seen: problem.train, patience: 4 };
  const found = await fitTwoTower(part, { ...options, validation, onEpoch });
  progress(`epoch ${found.parts.bestEpoch} was best; training on everything`);
  const data = collaborativeData(problem.known, features);
  const start = performance.now();
  const model = await fitTwoTower(data, { ...options, epochs: found.parts.bestEpoch, onEpoch });
  return { model, data, seconds: (performance.now() - start) / 1000 };
}

async function withScorer<T>(
  model: TwoTowerModel,
  users: EncodedRows,
  items: EncodedRows,
  settings: Settings,
  use: (scorer: Scorer) => Promise<T>,
): Promise<T> {
  const runtime = await loadOnnxRuntime({ threads: settings.threads });
  const { scorer, dispose } = await productScorer(
    runtime,
    await model.embedUsers(users),
    await model.embedItems(items),
  );
  return use(scorer).finally(dispose);
}

/**
 * Trains on a catalogue without a share of the items and then asks for them: by features alone, as a new item comes in.
 * First among themselves, which popularity answers by chance, then among all items, where it never names them.
 */
async function measureCold(problem: Problem, settings: Settings, share: number, progress: (message: string) => void) {
  const all = problem.known.cols;
  const chosen = sampleIndices(all, Math.max(1, Math.floor(all * share)), createRandom(settings.seed + 1));
  const cold = new Set(chosen);
  const warm = Array.from({ length: all }, (_, item) => item).filter((item) => !cold.has(item));
  const relevant = union(keepItems(problem.known, cold), keepItems(problem.test, cold));
  const without = {
    ...problem,
    train: selectItems(problem.train, warm),
    validation: selectItems(problem.validation, warm),
    known: selectItems(problem.known, warm),
    items: problem.items && takeEncodedRows(problem.items, warm),
  };
  progress(`cold start: ${chosen.length} items kept out of training`);
  const { model, data } = await train(without, settings, progress, true);
  const items = withoutIds(problem.items!, all, warm, data.items.bags.id!);
  const seen = keepItems(problem.known, new Set(warm));
  const options = { ks: [20], auc: false };
  const measured = await withScorer(model, data.users, items, settings, async (scorer) => ({
    alone: await evaluateRetrieval(scorer, { relevant, candidates: chosen }, options),
    all: await evaluateRetrieval(scorer, { relevant, seen }, options),
  }));
  const popular = await evaluateRetrieval(popularityScorer(seen), { relevant, seen }, options);
  return {
    coldRecallAt20: round(measured.alone.at[20]!.recall),
    // Nobody has a new item, so all are equally popular and their order is chance.
    coldPopularityRecallAt20: round(Math.min(1, 20 / chosen.length)),
    coldAmongAllRecallAt20: round(measured.all.at[20]!.recall),
    coldAmongAllPopularityRecallAt20: round(popular.at[20]!.recall),
    coldItems: chosen.length,
  };
}

/** All items with their features, and the ids of those that training knew. */
function withoutIds(features: EncodedRows, all: number, warm: readonly number[], ids: CsrMatrix): EncodedRows {
  const places = new Map(warm.map((item, place) => [item, place]));
  const known = Array.from({ length: all }, (_, item) => {
    const place = places.get(item);
    return new Map(place !== undefined && ids.indptr[place + 1]! > ids.indptr[place]! ? [[place, 1]] : []);
  });
  return { dense: features.dense, bags: { ...features.bags, id: csrFromRows(known, warm.length) } };
}

function metricsOf(report: RetrievalReport, ks: readonly number[]): Record<string, number> {
  const metrics: Record<string, number> = {};
  for (const k of ks) {
    const { recall, ndcg, hitRate } = report.at[k]!;
    metrics[`recallAt${k}`] = round(recall);
    metrics[`ndcgAt${k}`] = round(ndcg);
    metrics[`hitAt${k}`] = round(hitRate);
  }
  const { coverage, popularityLift } = report.at[20]!;
  return {
    ...metrics,
    auc: round(report.auc),
    coverageAt20: round(coverage),
    popularityLiftAt20: round(popularityLift),
    users: report.users,
  };
}

function parameterCount({ parts }: TwoTowerModel): number {
  return Object.values(parts.weights).reduce((sum, { length }) => sum + length, 0);
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
