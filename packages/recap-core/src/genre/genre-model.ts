import { concatRows, createMatrix, type Matrix, takeRows } from '@matome/primitives/linalg';
import { checkInteger } from '@matome/primitives/options';
import { createRandom } from '@matome/primitives/random';
import { applyConfidence, fitConfidence, guardConfidence } from '../classification/confidence-calibration.js';
import { ConformalSets } from '../classification/conformal-sets.js';
import { fitThresholds } from '../classification/fit-thresholds.js';
import { PackedArray, unpackArray } from '../classification/packed-array.js';
import type { PlattScaling } from '../classification/platt-scaling.js';
import { encodeLabels } from '../classification/sparse-rows.js';
import { addLogits, fitBlendWeights, fitLogitWeights } from '../classification/stacked-logits.js';
import { softmaxRows } from '../classification/temperature.js';
import { type Fold, stratifiedFolds } from '../evaluation/cross-validation.js';
import { adaptiveThresholds } from './adaptive-thresholds.js';
import type { GenreDocument } from './genre-document.js';
import { GenreMember, type MemberData, memberData, scoreRows, takeFeatureRows, trainScorer } from './genre-member.js';
import type { MemberPlan } from './member-plans.js';
import { WordHashes } from './term-scanner.js';

/** Options of `GenreModel.fit`. */
export interface GenreModelOptions {
  readonly plans: readonly MemberPlan[];
  /** Rounds of the inner split that finds settings, calibration and thresholds. @default 3 */
  readonly folds?: number;
  /** @default 42 */
  readonly seed?: number;
  /** One row per document, for plans that need vectors. */
  readonly vectors?: Matrix | undefined;
  /** When each document was published: judges by the newest documents of each genre instead of by folds. */
  readonly times?: ArrayLike<number> | undefined;
}

/** What a model says about documents. */
export interface GenreScores {
  /** n × genres: what is compared with the thresholds. A cosine for a single centroid model, else a probability. */
  readonly evidence: Matrix;
  /** n × genres; every row sums to 1. */
  readonly probabilities: Matrix;
}

interface ModelParts {
  readonly members: readonly GenreMember[];
  /** Weight of the scores of each member in the logits. */
  readonly weights: Float64Array;
  /** Brings the highest probability to the share of right answers. */
  readonly confidence: PlattScaling;
  /** Evidence that each genre asks for. */
  readonly thresholds: Float32Array;
  readonly evidence: 'similarity' | 'probability';
  readonly conformal: ConformalSets;
}

/** Genres of documents of one language: trained members, and all that unseen rows teach about their scores. */
export class GenreModel {
  readonly genres: readonly string[];
  readonly thresholds: Float32Array;
  readonly conformal: ConformalSets;
  readonly #parts: ModelParts;

  private constructor(parts: ModelParts) {
    this.genres = parts.members[0]!.genres;
    this.thresholds = parts.thresholds;
    this.conformal = parts.conformal;
    this.#parts = parts;
  }

  /**
   * Learns from documents and their genres, the main one first.
   *
   * Settings, calibration, thresholds and bounds come from rows that the judged model has not seen.
   *
   * @remarks folds + choices − 1 trainings beside the final one, per plan.
   */
  static fit(
    documents: readonly GenreDocument[],
    genres: readonly (readonly string[])[],
    options: GenreModelOptions,
  ): GenreModel {
    const { plans, folds = 3, seed = 42, vectors, times } = options;
    checkInteger('GenreModel.fit', 'folds', folds, { min: 2 });
    const labels = encodeLabels(genres);
    const forward = times && forwardRound(genres, times);
    const rounds = forward ? [forward] : innerFolds(documents, genres, Math.min(folds, documents.length), seed);
    const judged = rounds.flatMap(({ test }) => [...test]);
    const codes = Int32Array.from(judged, (row) => labels.codes[row]!);
    const memberships = takeMemberships(labels.members, labels.classes.length, judged);
    const members: GenreMember[] = [];
    const unseen: Matrix[] = [];
    for (const plan of plans) {
      const data = memberData(plan, documents, vectors);
      const { choice, scores } = chooseSettings(plan, data, genres, labels, rounds, seed);
      unseen.push(scores);
      members.push(new GenreMember(data.features, trainScorer(plan, choice, data.x, genres, seed)));
    }
    const weights = fitBlendWeights(unseen, codes);
    const logits = addLogits(unseen, weights);
    const { confidence, hardest } = calibrate(logits, codes, forward?.blocks);
    const probabilities = applyConfidence(logits, confidence);
    const evidence = plans.length === 1 && plans[0]!.kind === 'centroid' ? 'similarity' : 'probability';
    const thresholds =
      evidence === 'similarity'
        ? adaptiveThresholds(unseen[0]!, memberships)
        : fitThresholds(probabilities, memberships);
    const conformal = ConformalSets.fit(
      takeRows(probabilities, hardest),
      hardest.map((i) => codes[i]!),
    );
    return new GenreModel({ members, weights, confidence, thresholds, evidence, conformal });
  }

  /** Evidence and probability of every genre. */
  score(documents: readonly GenreDocument[], vectors?: Matrix): GenreScores {
    const { members, weights, confidence, evidence } = this.#parts;
    const words = new WordHashes();
    const readers = members.map((member) => member.reader(words, vectors));
    const scores = members.map(() => createMatrix(documents.length, this.genres.length));
    documents.forEach((document, i) => {
      readers.forEach((read, m) => {
        scores[m]!.data.set(read(document, i), i * this.genres.length);
      });
    });
    const probabilities = applyConfidence(addLogits(scores, weights), confidence);
    return { evidence: evidence === 'similarity' ? scores[0]! : probabilities, probabilities };
  }

  /** The model for JSON, its numbers packed. */
  toJSON() {
    const { members, weights, confidence, evidence, conformal } = this.#parts;
    return {
      genres: this.genres,
      thresholds: Object.fromEntries(this.genres.map((genre, c) => [genre, this.thresholds[c]!])),
      evidence,
      confidence,
      weights: new PackedArray(weights),
      members: members.map((member) => member.toJSON()),
      conformal: conformal.toJSON(),
    };
  }

  /**
   * Restores a model from what `toJSON` gave.
   *
   * @throws RangeError if a genre has no threshold or a part is broken.
   */
  static fromJSON(json: unknown): GenreModel {
    const value = json as ReturnType<GenreModel['toJSON']>;
    const members = value.members.map((member) => GenreMember.fromJSON(member));
    const thresholds = value.genres.map((genre) => {
      const threshold = value.thresholds[genre];
      if (typeof threshold !== 'number') throw new RangeError(`The genre model has no threshold for ${genre}.`);
      return threshold;
    });
    const differs = members.some((member) => member.genres.join() !== value.genres.join());
    if (differs) throw new RangeError('The members of the genre model must share its genres.');
    return new GenreModel({
      members,
      weights: unpackArray(value.weights, 'f64', 'weights'),
      thresholds: Float32Array.from(thresholds),
      evidence: value.evidence,
      confidence: value.confidence,
      conformal: ConformalSets.fromJSON(value.conformal),
    });
  }
}

/** Rounds in which replies stay with what they reply to: their titles differ by "Re:" alone. */
function innerFolds(
  documents: readonly GenreDocument[],
  genres: readonly (readonly string[])[],
  folds: number,
  seed: number,
): Fold[] {
  const groups = documents.map((document, i) => {
    const subject = document.title
      ?.toLowerCase()
      .replace(/^(?:(?:re|fwd?|aw)\s*:\s*)+/, '')
      .trim();
    return subject ? subject : `row ${i}`;
  });
  return stratifiedFolds(
    genres.map((set) => set[0]!),
    { folds, groups, random: createRandom(seed + 1) },
  );
}

/** Rows of a block of time that confidence and error bounds need; fewer say more about chance than about drift. */
const minBlockRows = 500;
const maxBlocks = 4;

interface ForwardRound extends Fold {
  /** Block of time of every judged row, the oldest of each genre first. */
  readonly blocks: Uint8Array;
}

/** The newest 30 % of every genre are judged by what the rest teaches: tomorrow's articles differ from today's. */
function forwardRound(genres: readonly (readonly string[])[], times: ArrayLike<number>): ForwardRound {
  const rowsOf = new Map<string, number[]>();
  genres.forEach(([main], i) => {
    const rows = rowsOf.get(main!);
    if (rows) rows.push(i);
    else rowsOf.set(main!, [i]);
  });
  const train: number[] = [];
  const judged: { row: number; place: number }[] = [];
  for (const rows of rowsOf.values()) {
    rows.sort((a, b) => times[a]! - times[b]! || a - b);
    const cut = Math.max(1, Math.round(0.7 * rows.length));
    train.push(...rows.slice(0, cut));
    const newest = rows.slice(cut);
    newest.forEach((row, k) => {
      judged.push({ row, place: k / newest.length });
    });
  }
  judged.sort((a, b) => a.row - b.row);
  const blocks = Math.min(maxBlocks, Math.max(1, Math.floor(judged.length / minBlockRows)));
  return {
    train: Uint32Array.from(train).sort(),
    test: Uint32Array.from(judged, ({ row }) => row),
    blocks: Uint8Array.from(judged, ({ place }) => Math.floor(place * blocks)),
  };
}

/** The confidence of all judged rows, and those that error bounds come from: all, or those of the hardest block of time. */
function calibrate(
  logits: Matrix,
  codes: Int32Array,
  blocks: Uint8Array | undefined,
): { confidence: PlattScaling; hardest: Uint32Array } {
  const confidence = fitConfidence(logits, codes);
  const all = Uint32Array.from(codes, (_, i) => i);
  if (blocks === undefined || blocks.every((block) => block === 0)) return { confidence, hardest: all };
  const { scaling, hardest } = guardConfidence(logits, codes, confidence, blocks);
  return { confidence: scaling, hardest: all.filter((i) => blocks[i] === hardest) };
}

function takeMemberships(members: Uint8Array, classes: number, rows: readonly number[]): Uint8Array {
  const taken = new Uint8Array(rows.length * classes);
  rows.forEach((row, i) => {
    taken.set(members.subarray(row * classes, (row + 1) * classes), i * classes);
  });
  return taken;
}

/** The choice of lowest log loss on the first round, and its scores on the test rows of all rounds, one after another. */
function chooseSettings(
  plan: MemberPlan,
  data: MemberData,
  genres: readonly (readonly string[])[],
  { classes, codes }: { classes: readonly string[]; codes: Int32Array },
  rounds: readonly Fold[],
  seed: number,
): { choice: number; scores: Matrix } {
  const [first, ...others] = rounds;
  const truth = Array.from(first!.test, (i) => codes[i]!);
  const trials = plan.choices.map((_, choice) => unseenScores(plan, choice, data.x, genres, classes, first!, seed));
  const losses = trials.length === 1 ? [0] : trials.map((trial) => calibratedLoss(trial, truth));
  const choice = losses.indexOf(Math.min(...losses));
  const rest = others.map((round) => unseenScores(plan, choice, data.x, genres, classes, round, seed));
  return { choice, scores: concatRows([trials[choice]!, ...rest]) };
}

function unseenScores(
  plan: MemberPlan,
  choice: number,
  x: MemberData['x'],
  genres: readonly (readonly string[])[],
  classes: readonly string[],
  { train, test }: Fold,
  seed: number,
): Matrix {
  const learnt = trainScorer(
    plan,
    choice,
    takeFeatureRows(x, train),
    Array.from(train, (i) => genres[i]!),
    seed,
  );
  const found = scoreRows(learnt, takeFeatureRows(x, test));
  // A genre without a row to learn from in this round gets the lowest score of the row.
  const columns = classes.map((genre) => learnt.classes.indexOf(genre));
  const scores = createMatrix(test.length, classes.length);
  for (let i = 0; i < test.length; i++) {
    const row = found.data.subarray(i * found.cols, (i + 1) * found.cols);
    const lowest = Math.min(...row);
    columns.forEach((column, c) => {
      scores.data[i * classes.length + c] = column < 0 ? lowest : row[column]!;
    });
  }
  return scores;
}

function calibratedLoss(scores: Matrix, codes: readonly number[]): number {
  const probabilities = softmaxRows(addLogits([scores], fitLogitWeights([scores], codes)));
  return codes.reduce((sum, code, i) => sum - Math.log(probabilities.data[i * scores.cols + code]! + 1e-12), 0);
}
