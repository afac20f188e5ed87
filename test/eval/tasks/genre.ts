import { createRandom, shuffle } from '@matome/primitives/random';
import { type LanguageCode, tokenizeWords } from '@matome/primitives/text';
import {
  classificationReport,
  expectedCalibrationError,
  type Fold,
  type GenreAssignment,
  goldenExamples,
  loadGoldenSet,
  stratifiedFolds,
} from '@matome/recap-core';
import { embedDocuments, type GenreDocument, genreMethods, type MethodResult } from '../genre-methods.js';
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

interface Round extends MethodResult {
  readonly truth: readonly string[];
}

const names = Object.keys(genreMethods).join(', ');

export const task: EvalTask = {
  summary: 'How well texts get their genre; --data golden measures on the packaged golden set.',
  options: {
    method: `one of ${names} (default rocchio)`,
    folds: 'rounds of a stratified split, rows with the same text on one side (default 5)',
    train: 'name in the field split to learn from, instead of folds',
    test: 'name in the field split to measure on',
    language: 'only rows in this language',
    labelled: 'rows of each genre to learn from, for a weak base (default all)',
    embedder: 'default, minilm or a folder: vectors for the method best (default none)',
    calibration: 'folds, or forward in time (default forward where a split is used and rows carry dates)',
    alpha: 'share of wrong answers among the accepted ones that is allowed (default 0.05)',
  },
  run: runGenre,
};

async function runGenre({ data, options, seed, limit, progress }: EvalContext): Promise<EvalResult> {
  const { method = 'rocchio', train, test, language } = options;
  const measure = genreMethods[method];
  if (measure === undefined)
    throw new EvalInputError(`There is no method ${JSON.stringify(method)}. The methods are ${names}.`);
  const alpha = Number(options.alpha ?? 0.05);
  const all =
    data === 'golden' ? await goldenRows() : await readRows<GenreRow>(data, ['id', 'language', 'text', 'labels']);
  const rows = all.filter((row) => language === undefined || row.language === language).slice(0, limit);
  const unlabelled = rows.find(({ labels }) => labels.length === 0);
  if (unlabelled) throw new EvalInputError(`${data} holds no label in row ${unlabelled.id}.`);
  if (rows.length === 0) throw new EvalInputError(`${data} holds no row that the options select.`);
  const documents = rows.map(toDocument);
  const dated = (train ?? test) !== undefined && documents.every((document) => document.publishedAt !== undefined);
  const calibration = oneOf('calibration', options.calibration ?? (dated ? 'forward' : 'folds'), ['folds', 'forward']);
  const vectors = options.embedder ? await embedDocuments(options.embedder, documents) : undefined;
  const rounds: Round[] = [];
  for (const [i, fold] of foldsOf(rows, seed, options.folds, train, test).entries()) {
    const known = fewer(
      Array.from(fold.train, (row) => documents[row]!),
      options.labelled,
      seed,
    );
    const unseen = Array.from(fold.test, (row) => documents[row]!);
    const result = await measure(known, unseen, { alpha, seed, calibration, ...(vectors ? { vectors } : {}) });
    rounds.push({ ...result, truth: unseen.map(({ genres }) => genres[0]!) });
    progress(`round ${i + 1}: accuracy ${accuracyOf(rounds.at(-1)!).toFixed(4)}`);
  }
  return { rows: rows.length, metrics: summarize(rounds) };
}

const best = ({ candidates, genre }: GenreAssignment) => candidates[0]?.genre ?? genre;

function accuracyOf({ truth, answers }: Pick<Round, 'truth' | 'answers'>): number {
  return classificationReport(truth, answers.map(best)).accuracy;
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  if (!allowed.includes(value as T))
    throw new EvalInputError(`--${name} must be ${allowed.join(' or ')}. Got ${JSON.stringify(value)}.`);
  return value as T;
}

async function goldenRows(): Promise<GenreRow[]> {
  return goldenExamples(await loadGoldenSet()).map(({ text, genres, language }, i) => ({
    id: `golden-${i}`,
    language,
    text,
    labels: genres,
  }));
}

function toDocument(row: GenreRow): GenreDocument {
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

/** At most so many rows of each genre, drawn at random. */
function fewer(
  documents: readonly GenreDocument[],
  labelled: string | undefined,
  seed: number,
): readonly GenreDocument[] {
  if (labelled === undefined) return documents;
  const count = Number(labelled);
  if (!Number.isInteger(count) || count < 2)
    throw new EvalInputError(`--labelled must be a whole number from 2. Got ${JSON.stringify(labelled)}.`);
  const seen = new Map<string, number>();
  return shuffle(documents, createRandom(seed)).filter(({ genres }) => {
    const drawn = seen.get(genres[0]!) ?? 0;
    seen.set(genres[0]!, drawn + 1);
    return drawn < count;
  });
}

function foldsOf(rows: readonly GenreRow[], seed: number, folds = '5', train?: string, test?: string): Fold[] {
  if (train === undefined && test === undefined) {
    const count = Number(folds);
    if (!Number.isInteger(count) || count < 2)
      throw new EvalInputError(`--folds must be a whole number from 2. Got ${JSON.stringify(folds)}.`);
    return stratifiedFolds(
      rows.map((row) => `${row.labels[0]!} ${row.language}`),
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

function summarize(rounds: readonly Round[]): Record<string, unknown> {
  const truth = rounds.flatMap((round) => round.truth);
  const answers = rounds.flatMap((round) => round.answers);
  const report = classificationReport(truth, answers.map(best));
  const pairs = answers.map((answer, i) => ({ answer, truth: truth[i]! }));
  const accepted = pairs.filter(({ answer }) => answer.accepted);
  const share = (count: number) => count / answers.length;
  const seconds = rounds.reduce((sum, round) => sum + round.predictSeconds, 0);
  const base = rounds.flatMap((round) => round.base ?? []);
  return {
    accuracy: report.accuracy,
    macroF1: report.macro.f1,
    ece: expectedCalibrationError(
      answers.map((answer) => answer.candidates[0]!.probability),
      pairs.map((pair) => best(pair.answer) === pair.truth),
    ),
    acceptedError:
      accepted.length === 0
        ? null
        : accepted.filter((pair) => pair.answer.genre !== pair.truth).length / accepted.length,
    coverage: share(accepted.length),
    plausibleMiss: share(pairs.filter((pair) => !pair.answer.plausible.includes(pair.truth)).length),
    plausibleSize: share(answers.reduce((sum, answer) => sum + answer.plausible.length, 0)),
    belowThreshold: share(answers.filter((answer) => answer.belowThreshold).length),
    ...(base.length === 0 ? {} : { baseAccuracy: accuracyOf({ truth, answers: base }) }),
    docsPerSecond: Math.round(answers.length / seconds),
    trainSeconds: Number((rounds.reduce((sum, round) => sum + round.trainSeconds, 0) / rounds.length).toFixed(3)),
  };
}
