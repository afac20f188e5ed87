import { createRandom } from '@matome/primitives/random';
import { type LanguageCode, tokenizeWords } from '@matome/primitives/text';
import {
  CoarseGenreClassifier,
  type CoarseGenreClassifierOptions,
  classificationReport,
  expectedCalibrationError,
  type Fold,
  type GenreAssignment,
  type GoldenExample,
  stratifiedFolds,
} from '@matome/recap-core';
import { readRows } from '../read-rows.js';
import { type EvalContext, EvalInputError, type EvalResult, type EvalTask } from '../task.js';

interface GenreRow {
  readonly id: string;
  readonly language: LanguageCode;
  readonly title?: string;
  readonly text: string;
  readonly labels: readonly string[];
  readonly split?: string;
  readonly published_at?: string;
}

interface Document extends GoldenExample {
  readonly id: string;
  readonly tokens: readonly string[];
}

/** What one round measured on its test rows. */
interface Round {
  readonly truth: readonly string[];
  readonly answers: readonly GenreAssignment[];
  readonly trainSeconds: number;
  readonly predictSeconds: number;
}

const methods: Readonly<Record<string, CoarseGenreClassifierOptions>> = {
  rocchio: { method: 'rocchio' },
  linear: { method: 'linear' },
  best: { method: 'best' },
};

export const task: EvalTask = {
  summary: 'How well texts get their genre: accuracy, macro-F1, calibration error, speed.',
  options: {
    method: `one of ${Object.keys(methods).join(', ')} (default rocchio)`,
    folds: 'rounds of a stratified split, rows with the same text on one side (default 5)',
    train: 'name in the field split to learn from, instead of folds',
    test: 'name in the field split to measure on',
    calibration: 'folds, or forward in time (default forward where a split is used and rows carry dates)',
    alpha: 'share of wrong answers among the accepted ones that is allowed (default 0.05)',
  },
  run: runGenre,
};

async function runGenre({ data, options, seed, limit, progress }: EvalContext): Promise<EvalResult> {
  const { method = 'rocchio', train, test } = options;
  const settings = methods[method];
  if (settings === undefined)
    throw new EvalInputError(
      `There is no method ${JSON.stringify(method)}. The methods are ${Object.keys(methods).join(', ')}.`,
    );
  const alpha = Number(options['alpha'] ?? 0.05);
  const rows = await readRows<GenreRow>(data, ['id', 'language', 'text', 'labels'], limit);
  const documents = rows.map(toDocument);
  const dated = (train ?? test) !== undefined && documents.every((document) => document.publishedAt !== undefined);
  const calibration = oneOf('calibration', options['calibration'] ?? (dated ? 'forward' : 'folds'), [
    'folds',
    'forward',
  ]);
  const rounds: Round[] = [];
  for (const [i, fold] of foldsOf(rows, seed, options.folds, train, test).entries()) {
    const round = measure(documents, fold, { ...settings, seed, calibration }, alpha);
    rounds.push(round);
    progress(
      `round ${i + 1}: accuracy ${classificationReport(
        round.truth,
        round.answers.map((a) => a.genre),
      ).accuracy.toFixed(4)}`,
    );
  }
  return { rows: rows.length, metrics: summarize(rounds) };
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  if (!allowed.includes(value as T))
    throw new EvalInputError(`--${name} must be ${allowed.join(' or ')}. Got ${JSON.stringify(value)}.`);
  return value as T;
}

function toDocument(row: GenreRow): Document {
  const { id, language, title, text, labels, published_at: date } = row;
  const tokens = tokenizeWords(title ? `${title}\n${text}` : text, language);
  return {
    id,
    language,
    text,
    genres: labels.slice(0, 1),
    tokens,
    ...(title === undefined ? {} : { title }),
    ...(date ? { publishedAt: new Date(date) } : {}),
  };
}

function foldsOf(rows: readonly GenreRow[], seed: number, folds = '5', train?: string, test?: string): Fold[] {
  if (train === undefined && test === undefined) {
    const count = Number(folds);
    if (!Number.isInteger(count) || count < 2)
      throw new EvalInputError(`--folds must be a whole number from 2. Got ${JSON.stringify(folds)}.`);
    return stratifiedFolds(
      rows.map((row) => row.labels[0]!),
      { folds: count, groups: rows.map((row) => row.text), random: createRandom(seed) },
    );
  }
  const where = (name: string | undefined) =>
    Uint32Array.from(rows.flatMap((row, i) => (row.split === name ? [i] : [])));
  const fold = { train: where(train ?? 'train'), test: where(test ?? 'test') };
  if (fold.train.length === 0 || fold.test.length === 0) {
    throw new EvalInputError(
      `The split needs rows on both sides. It has ${fold.train.length} to learn from and ${fold.test.length} to measure on.`,
    );
  }
  return [fold];
}

function measure(
  documents: readonly Document[],
  fold: Fold,
  settings: CoarseGenreClassifierOptions,
  alpha: number,
): Round {
  const train = Array.from(fold.train, (i) => documents[i]!);
  const test = Array.from(fold.test, (i) => documents[i]!);
  const start = performance.now();
  const classifier = CoarseGenreClassifier.fit(train, settings);
  const fitted = performance.now();
  const answers = classifier.classify(test, { alpha });
  return {
    truth: test.map((document) => document.genres[0]!),
    answers,
    trainSeconds: (fitted - start) / 1000,
    predictSeconds: (performance.now() - fitted) / 1000,
  };
}

function summarize(rounds: readonly Round[]): Record<string, unknown> {
  const truth = rounds.flatMap((round) => round.truth);
  const answers = rounds.flatMap((round) => round.answers);
  const report = classificationReport(
    truth,
    answers.map((answer) => answer.candidates[0]!.genre),
  );
  const truthOf = new Map(answers.map((answer, i) => [answer, truth[i]!]));
  const wrong = (answer: GenreAssignment) => answer.genre !== truthOf.get(answer);
  const accepted = answers.filter((answer) => answer.accepted);
  const seconds = rounds.reduce((sum, round) => sum + round.predictSeconds, 0);
  const trainSeconds = rounds.reduce((sum, round) => sum + round.trainSeconds, 0) / rounds.length;
  return {
    accuracy: report.accuracy,
    macroF1: report.macro.f1,
    ece: expectedCalibrationError(
      answers.map((answer) => answer.candidates[0]!.probability),
      answers.map((answer, i) => answer.candidates[0]!.genre === truth[i]),
    ),
    acceptedError: accepted.filter(wrong).length / accepted.length,
    coverage: accepted.length / answers.length,
    plausibleMiss: answers.filter((answer, i) => !answer.plausible.includes(truth[i]!)).length / answers.length,
    plausibleSize: answers.reduce((sum, answer) => sum + answer.plausible.length, 0) / answers.length,
    belowThreshold: answers.filter((answer) => answer.belowThreshold).length / answers.length,
    docsPerSecond: Math.round(answers.length / seconds),
    trainSeconds: Number(trainSeconds.toFixed(3)),
  };
}
