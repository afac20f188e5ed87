import type { Matrix } from '@matome/primitives/linalg';
import { loadOnnxRuntime } from '@matome/primitives/onnx';
import {
  CoarseGenreClassifier,
  type CoarseGenreClassifierOptions,
  distilStudent,
  type GenreAssignment,
  GenreFeatures,
  type GoldenExample,
  StudentClassifier,
  similarityGraph,
  smoothAssignments,
  stratifiedFolds,
} from '@matome/recap-core';
import { openEmbedder } from './open-embedder.js';

/** A text with its genre and its words. */
export interface GenreDocument extends GoldenExample {
  readonly id: string;
  readonly tokens: readonly string[];
}

/** What every method is given. */
export interface MethodSettings {
  readonly alpha: number;
  readonly seed: number;
  readonly calibration: 'folds' | 'forward';
  /** Vectors by document id, for methods that take them. */
  readonly vectors?: { readonly fingerprint: string; of(documents: readonly GenreDocument[]): Matrix };
}

/** What one round measured. */
export interface MethodResult {
  readonly answers: readonly GenreAssignment[];
  readonly trainSeconds: number;
  readonly predictSeconds: number;
  /** Answers of what a method starts from, where it betters another. */
  readonly base?: readonly GenreAssignment[];
}

type Method = (
  train: readonly GenreDocument[],
  test: readonly GenreDocument[],
  settings: MethodSettings,
) => Promise<MethodResult>;

const seconds = (start: number) => (performance.now() - start) / 1000;

function coarse(method: CoarseGenreClassifierOptions['method']): Method {
  return async (train, test, { alpha, seed, calibration, vectors }) => {
    const start = performance.now();
    const classifier = CoarseGenreClassifier.fit(train, {
      method,
      seed,
      calibration,
      ...(vectors ? { vectors: vectors.of(train), embedderFingerprint: vectors.fingerprint } : {}),
    });
    const trainSeconds = seconds(start);
    const testVectors = classifier.vectorWidth > 0 ? { vectors: vectors!.of(test) } : {};
    const asked = performance.now();
    const answers = classifier.classify(test, { alpha, ...testVectors });
    return { answers, trainSeconds, predictSeconds: seconds(asked) };
  };
}

/** A small network taught by labels and by linear models that had not seen the row. */
const student: Method = async (train, test, { seed, calibration }) => {
  const runtime = await loadOnnxRuntime({ threads: 1 });
  try {
    const start = performance.now();
    const teacher: GenreAssignment[] = new Array(train.length);
    const labels = train.map(({ genres }) => genres[0]!);
    for (const fold of stratifiedFolds(labels, { folds: 2 })) {
      const learnt = CoarseGenreClassifier.fit(
        Array.from(fold.train, (i) => train[i]!),
        { method: 'linear', seed, calibration },
      );
      const rows = Array.from(fold.test, (i) => train[i]!);
      learnt.classify(rows).forEach((answer, k) => {
        teacher[fold.test[k]!] = answer;
      });
    }
    const { language } = train[0]!;
    const model = await distilStudent({ golden: train, teacher, language }, { runtime, seed, alpha: 0.5 });
    const classifier = new StudentClassifier(language === 'ja' ? { ja: model } : { en: model });
    const trainSeconds = seconds(start);
    const asked = performance.now();
    const answers = await classifier.classify(test);
    return { answers, trainSeconds, predictSeconds: seconds(asked) };
  } finally {
    await runtime.dispose();
  }
};

/** Correct-and-Smooth over the similarity of all rows, on top of the nearest centroid. */
const refined: Method = async (train, test, settings) => {
  const base = await coarse('rocchio')(train, test, settings);
  const asked = performance.now();
  const all = [...train, ...test];
  const families = train[0]!.language === 'ja' ? { words: true, characters: [2, 3] as const } : { words: true };
  const x = GenreFeatures.fit(all, { families, maxDocumentShare: 0.05 }).transform(all);
  const graph = await similarityGraph(x, { threshold: 0.1, maxNeighbors: 10 });
  // The base has learnt from the training rows: their error would look too small, so it counts as unknown there too.
  const known = train.map(({ genres }) => genres[0]);
  const uniform = train.map(({ id, genres }) => ({ ...base.answers[0]!, articleId: id, genre: genres[0]! }));
  const smooth = smoothAssignments(
    [
      ...uniform.map((answer) => ({ ...answer, candidates: [{ genre: answer.genre, probability: 1 }] })),
      ...base.answers,
    ],
    graph,
    [...known, ...test.map(() => undefined)],
  );
  const answers = smooth.slice(train.length);
  return {
    answers,
    base: base.answers,
    trainSeconds: base.trainSeconds,
    predictSeconds: base.predictSeconds + seconds(asked),
  };
};

/** Methods by name. */
export const genreMethods: Readonly<Record<string, Method>> = {
  rocchio: coarse('rocchio'),
  linear: coarse('linear'),
  best: coarse('best'),
  student,
  refined,
};

/** Embeds title and beginning of every document once. */
export async function embedDocuments(
  model: string,
  documents: readonly GenreDocument[],
): Promise<NonNullable<MethodSettings['vectors']>> {
  const embedder = await openEmbedder(model);
  try {
    const texts = documents.map(({ title, text }) => (title ? `${title}\n${text}` : text).slice(0, 2000));
    const all = await embedder.embed(texts);
    const place = new Map(documents.map(({ id }, i) => [id, i]));
    return {
      fingerprint: embedder.fingerprint,
      of(rows) {
        const data = new Float32Array(rows.length * all.cols);
        rows.forEach(({ id }, i) => {
          const row = place.get(id)!;
          data.set(all.data.subarray(row * all.cols, (row + 1) * all.cols), i * all.cols);
        });
        return { data, rows: rows.length, cols: all.cols };
      },
    };
  } finally {
    await embedder.dispose();
  }
}
