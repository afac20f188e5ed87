import { createMatrix, type Matrix } from '@matome/primitives/linalg';
import { type LanguageCode, type Tokenizer, tokenizeWords } from '@matome/primitives/text';
import { DistilledStudent, type StudentTraining } from '../classification/distilled-student.js';
import type { GenreDocument } from './genre-document.js';
import { GenreFeatures } from './genre-features.js';
import type { GenreAssignment, GoldenExample } from './genre-types.js';
import { defaultPlans } from './member-plans.js';
import type { StudentModel } from './student-classifier.js';

/** What `distilStudent` learns from. */
export interface DistilLessons {
  /** Texts with known genres. */
  readonly golden: readonly GoldenExample[];
  /** Texts without. */
  readonly unlabelled?: readonly GenreDocument[];
  /**
   * The teacher's assignments of all texts, the golden ones first; best by a teacher that has not learnt from the text.
   */
  readonly teacher?: readonly Pick<GenreAssignment, 'candidates'>[];
  readonly language: LanguageCode;
  /** Cuts golden texts that come without words. @default tokenizeWords */
  readonly tokenize?: Tokenizer;
}

/**
 * A trained student with its features: small, without any runtime, and synchronous where it must be.
 *
 * @example
 * typeof GenreStudent.fromJSON // => 'function'
 */
export class GenreStudent implements StudentModel {
  readonly #features: GenreFeatures;
  readonly #student: DistilledStudent;

  constructor(features: GenreFeatures, student: DistilledStudent) {
    this.#features = features;
    this.#student = student;
  }

  /** Genres in code point order. */
  get genres(): readonly string[] {
    return this.#student.classes;
  }

  /** Mean loss of each epoch of training. */
  get losses(): readonly number[] {
    return this.#student.losses;
  }

  /** n × genres; every row sums to 1. */
  async predict(documents: readonly GenreDocument[]): Promise<Matrix> {
    return this.#student.predictProba(this.#features.transform(documents));
  }

  /** The student for JSON, its numbers packed. */
  toJSON() {
    return {
      kind: 'genre-student' as const,
      version: 1 as const,
      features: this.#features.toJSON(),
      student: this.#student.toJSON(),
    };
  }

  /**
   * Restores a student from what `toJSON` gave.
   *
   * @param genres - genres it must know, all of them and no other.
   * @throws RangeError if the value is no such student or knows other genres.
   */
  static fromJSON(json: unknown, genres?: readonly string[]): GenreStudent {
    const value = json as ReturnType<GenreStudent['toJSON']>;
    if (value?.kind !== 'genre-student' || value.version !== 1) {
      throw new RangeError('GenreStudent.fromJSON needs the value that toJSON gave, kind "genre-student", version 1.');
    }
    const student = DistilledStudent.fromJSON(value.student);
    if (genres && [...genres].sort().join() !== [...student.classes].sort().join()) {
      throw new RangeError(
        `The genre student must know the ${genres.length} genres of the taxonomy. It knows ${student.classes.length}.`,
      );
    }
    return new GenreStudent(GenreFeatures.fromJSON(value.features), student);
  }
}

/**
 * Trains a student of one language on golden texts and on what a teacher says of these and of unlabelled texts.
 *
 * @throws RangeError if there is no golden text, or the teacher does not speak of every text.
 * @throws OnnxRuntimeMissingError when the runtime cannot be loaded.
 * @remarks See `DistilledStudent.train`.
 * @example
 * const golden = ['late goal', 'cup goal', 'rate rise', 'rate cut'].map((text, i) => ({ text, genres: [i < 2 ? 'sports' : 'economy'], language: 'en' as const }));
 * const runtime = await loadOnnxRuntime({ threads: 1 });
 * const student = await distilStudent({ golden, language: 'en' }, { runtime, epochs: 60, alpha: 0 });
 * const { data } = await student.predict([{ text: '', tokens: ['goal'], language: 'en' }]);
 * data[1]! > data[0]! // => true
 */
export async function distilStudent(lessons: DistilLessons, training: StudentTraining): Promise<GenreStudent> {
  const { golden, unlabelled = [], teacher, language, tokenize = tokenizeWords } = lessons;
  if (golden.length === 0) throw new RangeError('distilStudent needs at least one golden text.');
  const documents = [...golden.map((example) => toDocument(example, tokenize)), ...unlabelled];
  if (teacher && teacher.length !== documents.length) {
    throw new RangeError(
      `The teacher of distilStudent must speak of ${documents.length} texts. It speaks of ${teacher.length}.`,
    );
  }
  const classes = [...new Set(golden.map(({ genres }) => genres[0]!))].sort((a, b) => (a < b ? -1 : 1));
  const codes = Int32Array.from(documents, (_, i) => (i < golden.length ? classes.indexOf(golden[i]!.genres[0]!) : -1));
  const [plan] = defaultPlans('linear', language, documents, false);
  const features = GenreFeatures.fit(documents, plan!.kind === 'vectors' ? {} : plan!.features);
  const x = features.transform(documents);
  const scores = teacher && teacherScores(teacher, classes);
  const student = await DistilledStudent.train({ x, classes, codes, ...(scores ? { teacher: scores } : {}) }, training);
  return new GenreStudent(features, student);
}

/** Log probabilities: scores whose softmax gives the teacher's probabilities back. */
function teacherScores(teacher: readonly Pick<GenreAssignment, 'candidates'>[], classes: readonly string[]): Matrix {
  const scores = createMatrix(teacher.length, classes.length);
  teacher.forEach(({ candidates }, i) => {
    const known = new Map(candidates.map(({ genre, probability }) => [genre, probability]));
    classes.forEach((genre, c) => {
      scores.data[i * classes.length + c] =
        candidates.length === 0 ? Number.NaN : Math.log(Math.max(1e-6, known.get(genre) ?? 0));
    });
  });
  return scores;
}

function toDocument({ title, text, tokens, language }: GoldenExample, tokenize: Tokenizer): GenreDocument {
  const words = tokens ?? tokenize(title ? `${title}\n${text}` : text, language);
  return { text, tokens: words, language, ...(title === undefined ? {} : { title }) };
}

/**
 * A transformer student as a model of a `StudentClassifier`: it reads title and text.
 *
 * @example
 * const always = { classes: ['sports'], predictProba: async (texts: readonly string[]) => createMatrix(texts.length, 1) };
 * transformerModel(always).genres // => ['sports']
 */
export function transformerModel(student: {
  readonly classes: readonly string[];
  predictProba(texts: readonly string[], options?: { readonly signal?: AbortSignal }): Promise<Matrix>;
}): StudentModel {
  return {
    genres: student.classes,
    predict: (documents, options) =>
      student.predictProba(
        documents.map(({ title, text }) => (title ? `${title}\n${text}` : text)),
        options,
      ),
  };
}
