import { createEmbedder, type Embedder } from '@matome/primitives/embedding';
import {
  calibrateConfidence,
  createCascade,
  createCascadeExtractor,
  createTagExtractor,
  fitTagCalibration,
  type JudgedTag,
  type TagDocument,
  type TagExtraction,
  type TagExtractor,
} from '@matome/tag-extractor';
import { collectionFolds } from '../collection-folds.js';
import { calibrationError, macroF1, stemmedKeys } from '../keyphrase-scoring.js';
import { readRows } from '../read-rows.js';
import { type EvalContext, EvalInputError, type EvalTask } from '../task.js';

interface Row {
  readonly text: string;
  readonly keyphrases: readonly string[];
  readonly split?: string;
  /** Another list of keys, where `--keys` names it. */
  readonly [field: string]: unknown;
}

const methods = ['statistical', 'static', 'transformer', 'cascade'] as const;
type Method = (typeof methods)[number];

/** A line that starts with white space continues the one before; a first line that ends before the text is the title. */
function toDocument(text: string): TagDocument {
  const end = /\n(?!\s)/.exec(text)?.index ?? 0;
  return { title: text.slice(0, end).replace(/\s+/g, ' '), body: text.slice(end) };
}

function numberOption(options: EvalContext['options'], name: string, fallback: number): number {
  const value = options[name] === undefined ? fallback : Number(options[name]);
  if (!(value >= 0 && value <= 1))
    throw new EvalInputError(`--${name} must be a number in [0, 1]. Got ${options[name]}.`);
  return value;
}

function keysOf(row: Row, field: string, where: string): readonly string[] {
  const keys = row[field];
  if (Array.isArray(keys) && keys.every((key) => typeof key === 'string')) return keys;
  throw new EvalInputError(`${where} holds no list of texts in the field "${field}".`);
}

/** A cascade that takes every article for needy, so that the budget alone decides. */
async function buildExtractor(method: Method, options: EvalContext['options']): Promise<TagExtractor> {
  const shared = { topN: 15, breadth: numberOption(options, 'breadth', 0.5) } as const;
  const build = async (model?: 'default' | 'minilm') =>
    createTagExtractor(model ? { ...shared, embedder: await createEmbedder({ model }) } : shared);
  if (method === 'statistical') return build();
  if (method === 'static') return build('default');
  if (method === 'transformer') return build('minilm');
  const cheap = options.cheap === 'statistical' ? await build() : await build('default');
  const cascade = createCascade({ minConfidence: 1, maxRefineRatio: numberOption(options, 'budget', 0.2) });
  return createCascadeExtractor({ cheap, refine: await build('minilm'), cascade, topN: shared.topN });
}

/** Neighbours are looked for with the model that ranks. */
function neighborEmbedder(method: Method): Promise<Embedder> {
  return createEmbedder({ model: method === 'transformer' ? 'minilm' : 'default' });
}

export const task: EvalTask = {
  summary: 'Tags against gold keys: exact match after Porter stemming, all gold keys, macro F1; calibration; speed.',
  options: {
    method: `${methods.join(' | ')} (default static; static needs the package @matome/model-en-ja)`,
    budget: 'largest share of refined articles for the cascade, default 0.2',
    cheap: 'first stage of the cascade: statistical | static (default static)',
    breadth: 'from 0 (few topics) to 1 (every concept), default 0.5',
    calibrate: 'share of the rows, evenly spread, whose tags fit the confidences; the others measure eceCalibrated',
    collection:
      'folds from 2: those of each get tags with the keys of all others in use; pace as without (default none)',
    keys: 'field of the gold keys, e.g. controlled (default keyphrases)',
    test: 'name in the field split to measure on (default all rows)',
    train: 'accepted for symmetry: the weights of the package were learnt on the train parts and stay as they are',
  },
  async run({ data, options, limit, progress }) {
    const method = (options.method ?? 'static') as Method;
    const { cheap = 'static' } = options;
    if (cheap !== 'static' && cheap !== 'statistical')
      throw new EvalInputError(`--cheap must be static or statistical. Got ${JSON.stringify(cheap)}.`);
    for (const name of ['budget', 'breadth', 'calibrate']) numberOption(options, name, 0);
    if (!methods.includes(method)) throw new EvalInputError(`--method must be one of ${methods.join(', ')}.`);
    const field = options.keys ?? 'keyphrases';
    const read = await readRows<Row>(data, ['text', field], options.test === undefined ? limit : undefined);
    const all = read.map((row, i) => ({ ...row, keyphrases: keysOf(row, field, `Row ${i + 1} of ${data}`) }));
    const rows = options.test === undefined ? all : all.filter((row) => row.split === options.test).slice(0, limit);
    if (rows.length === 0) throw new EvalInputError(`${data} has no row with split "${options.test}".`);
    const extractor = await buildExtractor(method, options).catch((error: Error) => {
      throw new EvalInputError(error.message);
    });
    const documents = rows.map((row) => toDocument(row.text));
    const folds = options.collection === undefined ? 0 : Number(options.collection);
    if (folds !== 0 && !(Number.isInteger(folds) && folds >= 2 && folds <= rows.length))
      throw new EvalInputError(`--collection must be an integer in [2, ${rows.length}]. Got ${options.collection}.`);
    // The first article loads the language data; speed is that of a running service.
    await extractor.extract(documents[0]!);
    const extractions: TagExtraction[] = [];
    const start = performance.now();
    for (const document of documents) {
      extractions.push(await extractor.extract(document));
      if (extractions.length % 250 === 0) progress(`${extractions.length} of ${rows.length}`);
    }
    const seconds = (performance.now() - start) / 1000;
    const found =
      folds === 0
        ? extractions
        : await collectionFolds(
            documents.map((document, i) => ({ ...document, tags: rows[i]!.keyphrases })),
            extractions,
            { folds, embedder: await neighborEmbedder(method), topN: 15 },
          );
    return {
      rows: rows.length,
      metrics: measure(rows, found, seconds, method, numberOption(options, 'calibrate', 0)),
    };
  },
};

function measure(
  rows: readonly Row[],
  extractions: readonly TagExtraction[],
  seconds: number,
  method: Method,
  calibrate: number,
) {
  const golds = rows.map((row) => new Set(stemmedKeys(row.keyphrases)));
  const predictions = extractions.map(({ tags }) => stemmedKeys(tags.flatMap((tag) => [tag.name, ...tag.aliases])));
  const judged = extractions.map(({ tags }, i) =>
    golds[i]!.size === 0
      ? []
      : tags.map(({ name, aliases, confidence }) => {
          return { confidence, good: stemmedKeys([name, ...aliases]).some((key) => golds[i]!.has(key)) };
        }),
  );
  const all = judged.flat();
  const error = (tags: readonly JudgedTag[]) =>
    calibrationError(
      tags.map((tag) => tag.confidence),
      tags.map((tag) => tag.good),
    );
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const round = (value: number) => Number(value.toFixed(4));
  return {
    f1At5: round(macroF1(predictions, golds, 5)),
    f1At10: round(macroF1(predictions, golds, 10)),
    f1At15: round(macroF1(predictions, golds, 15)),
    docsPerSecond: Number((rows.length / seconds).toFixed(1)),
    refinedShare: round(
      mean(extractions.map(({ cascade }) => Number(cascade?.needsRefine ?? method === 'transformer'))),
    ),
    ece: round(error(all)),
    ...(calibrate > 0 ? { eceCalibrated: round(error(calibrated(judged, calibrate))) } : {}),
    meanConfidence: round(mean(all.map((tag) => tag.confidence))),
    hitShare: round(mean(all.map((tag) => Number(tag.good)))),
    absentTagsPerDocument: round(
      mean(extractions.map(({ tags }) => tags.filter(({ source }) => source === 'neighbours').length)),
    ),
    tagsPerDocument: round(mean(extractions.map(({ tags }) => tags.length))),
    statuses: Object.fromEntries(
      ['extracted', 'rejected', 'too-short'].map((s) => [s, extractions.filter(({ status }) => status === s).length]),
    ),
  };
}

/** The tags of the rows that did not fit the correction, corrected. */
function calibrated(judged: readonly (readonly JudgedTag[])[], share: number): JudgedTag[] {
  const step = Math.max(2, Math.round(1 / share));
  const calibration = fitTagCalibration(judged.filter((_, i) => i % step === 0).flat());
  const others = judged.filter((_, i) => i % step !== 0).flat();
  return others.map(({ confidence, good }) => ({ confidence: calibrateConfidence(confidence, calibration), good }));
}
