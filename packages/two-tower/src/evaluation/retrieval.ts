import { nextTurn } from '@matome/primitives/async';
import { type CsrMatrix, type Matrix, topK } from '@matome/primitives/linalg';
import { checkInteger } from '@matome/primitives/options';
import { itemCounts } from '../data/interactions.js';

/** Scores of every item for some users, `rows.length × items`; higher is better. */
export type Scorer = (rows: Uint32Array) => Matrix | Promise<Matrix>;

/** What is asked of a scorer. */
export interface RetrievalTask {
  /** users × items: what should be found. Users without any are left out. */
  readonly relevant: CsrMatrix;
  /** users × items: what must not be recommended, as a rule the items of training. @default nothing */
  readonly seen?: CsrMatrix;
  /** Items that compete. @default all */
  readonly candidates?: ArrayLike<number>;
}

/** Options of `evaluateRetrieval`. */
export interface RetrievalOptions {
  /** Lengths of the lists. @default [10, 20, 50] */
  readonly ks?: readonly number[];
  /** Works out the area under the ROC curve too, which looks at every item. @default true */
  readonly auc?: boolean;
  /** Users scored together. @default 256 */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

/** Quality of lists of one length; NaN where no user has something to find. */
export interface ListQuality {
  /** Mean share of a user's relevant items that are in the list. */
  readonly recall: number;
  /** Mean of DCG over the best DCG that min(k, relevant items) allow. */
  readonly ndcg: number;
  /** Share of users with a relevant item in the list. */
  readonly hitRate: number;
  /** Share of all candidates that are in anybody's list. */
  readonly coverage: number;
  /** Mean number of training users of a recommended item over that of the items users chose themselves; 1 is no bias. */
  readonly popularityLift: number;
}

/** What `evaluateRetrieval` measured. */
export interface RetrievalReport {
  /** Users with something to find. */
  readonly users: number;
  readonly at: Readonly<Record<number, ListQuality>>;
  /** Mean over users of the share of (relevant, other) pairs in the right order, ties half; NaN when not asked for. */
  readonly auc: number;
}

interface Sums {
  recall: number;
  ndcg: number;
  hits: number;
  shown: number;
  readonly items: Set<number>;
}

/**
 * Ranks all items for every user, without sampling, and holds the lists against what should be found.
 *
 * Sampled metrics order models differently from full ones, so nothing is sampled. Equal scores rank by smaller index.
 *
 * @throws RangeError if the matrices do not fit or a length is not positive.
 * @remarks O(users · items · log k), with the area under the curve O(users · items · log items).
 * @see Krichene, Rendle (2020), On sampled metrics for item recommendation, doi:10.1145/3394486.3403226
 * @see Abdollahpouri et al. (2019), The unfairness of popularity bias in recommendation, arXiv:1907.13286
 * @example
 * const relevant = interactionMatrix({ userRows: [0], itemRows: [1] }, 1, 3);
 * const scores = () => ({ data: new Float32Array([0.3, 0.2, 0.1]), rows: 1, cols: 3 });
 * (await evaluateRetrieval(scores, { relevant }, { ks: [2] })).at[2].recall // => 1
 */
export async function evaluateRetrieval(
  scorer: Scorer,
  task: RetrievalTask,
  options: RetrievalOptions = {},
): Promise<RetrievalReport> {
  const { ks = [10, 20, 50], auc = true, batchSize = 256, signal } = options;
  const { relevant, seen } = task;
  for (const k of ks) checkInteger('evaluateRetrieval', 'ks', k, { min: 1 });
  checkInteger('evaluateRetrieval', 'batchSize', batchSize, { min: 1 });
  if (seen && (seen.rows !== relevant.rows || seen.cols !== relevant.cols)) {
    throw new RangeError(
      `The seen and relevant matrices of evaluateRetrieval must have one size. Got ${seen.rows} × ${seen.cols} and ${relevant.rows} × ${relevant.cols}.`,
    );
  }
  const users = usersWithEntries(relevant);
  const counts = itemCounts(seen ?? { ...relevant, indices: new Uint32Array(0) });
  const blocked = blockedItems(task);
  const sums = new Map(ks.map((k) => [k, { recall: 0, ndcg: 0, hits: 0, shown: 0, items: new Set<number>() } as Sums]));
  let aucSum = 0;
  let aucUsers = 0;
  const longest = Math.max(...ks);
  for (let start = 0; start < users.length; start += batchSize) {
    signal?.throwIfAborted();
    const rows = users.subarray(start, start + batchSize);
    const scores = await scorer(rows);
    checkScores(scores, rows.length, relevant.cols);
    for (let r = 0; r < rows.length; r++) {
      const own = maskScores(scores, r, rows[r]!, seen, blocked);
      const wanted = entries(relevant, rows[r]!);
      const list = topK(own, longest).filter((item) => own[item]! > Number.NEGATIVE_INFINITY);
      for (const [k, sum] of sums) addList(sum, list.subarray(0, k), wanted, counts, k);
      const area = auc ? areaUnderCurve(own, wanted) : Number.NaN;
      if (!Number.isNaN(area)) {
        aucSum += area;
        aucUsers++;
      }
    }
    // A turn of the event loop, so that an abort arrives.
    await nextTurn();
  }
  const choice = chosenPopularity(users, seen, counts);
  const candidateCount = task.candidates?.length ?? relevant.cols;
  const at = Object.fromEntries(ks.map((k) => [k, quality(sums.get(k)!, users.length, candidateCount, choice)]));
  return { users: users.length, at, auc: auc && aucUsers > 0 ? aucSum / aucUsers : Number.NaN };
}

function usersWithEntries(matrix: CsrMatrix): Uint32Array {
  const users: number[] = [];
  for (let u = 0; u < matrix.rows; u++) if (matrix.indptr[u + 1]! > matrix.indptr[u]!) users.push(u);
  return Uint32Array.from(users);
}

function blockedItems({ candidates, relevant }: RetrievalTask): Uint8Array | undefined {
  if (!candidates) return undefined;
  const blocked = new Uint8Array(relevant.cols).fill(1);
  for (let i = 0; i < candidates.length; i++) {
    if (blocked[candidates[i]!] === undefined) {
      throw new RangeError(
        `The candidates of evaluateRetrieval must be rows of ${relevant.cols} items. Got ${candidates[i]}.`,
      );
    }
    blocked[candidates[i]!] = 0;
  }
  return blocked;
}

function checkScores(scores: Matrix, rows: number, cols: number): void {
  if (scores.rows !== rows || scores.cols !== cols) {
    throw new RangeError(
      `The scores given to evaluateRetrieval must be ${rows} × ${cols}. Got ${scores.rows} × ${scores.cols}.`,
    );
  }
}

function maskScores(
  scores: Matrix,
  row: number,
  user: number,
  seen: CsrMatrix | undefined,
  blocked: Uint8Array | undefined,
): Float32Array {
  const own = scores.data.slice(row * scores.cols, (row + 1) * scores.cols);
  if (blocked) for (let i = 0; i < own.length; i++) if (blocked[i]) own[i] = Number.NEGATIVE_INFINITY;
  if (seen) for (const item of entries(seen, user)) own[item] = Number.NEGATIVE_INFINITY;
  return own;
}

function entries(matrix: CsrMatrix, row: number): Uint32Array {
  return matrix.indices.subarray(matrix.indptr[row]!, matrix.indptr[row + 1]!);
}

function addList(sum: Sums, list: Uint32Array, wanted: Uint32Array, counts: Uint32Array, k: number): void {
  const relevant = new Set(wanted);
  let found = 0;
  let gain = 0;
  for (let rank = 0; rank < list.length; rank++) {
    const item = list[rank]!;
    sum.items.add(item);
    sum.shown += counts[item]! / list.length;
    if (!relevant.has(item)) continue;
    found++;
    gain += 1 / Math.log2(rank + 2);
  }
  let ideal = 0;
  for (let rank = 0; rank < Math.min(k, relevant.size); rank++) ideal += 1 / Math.log2(rank + 2);
  sum.recall += found / relevant.size;
  sum.ndcg += gain / ideal;
  if (found > 0) sum.hits++;
}

/** Mann-Whitney: rank sum of the relevant items among all that compete. */
function areaUnderCurve(scores: Float32Array, wanted: Uint32Array): number {
  const others: number[] = [];
  const relevant = new Set(wanted);
  for (let i = 0; i < scores.length; i++) {
    if (scores[i]! > Number.NEGATIVE_INFINITY && !relevant.has(i)) others.push(scores[i]!);
  }
  const competing = [...wanted].map((item) => scores[item]!).filter((score) => score > Number.NEGATIVE_INFINITY);
  if (competing.length === 0 || others.length === 0) return Number.NaN;
  const sorted = Float32Array.from(others).sort();
  let sum = 0;
  for (const score of competing) sum += (countBelow(sorted, score, false) + countBelow(sorted, score, true)) / 2;
  return sum / (competing.length * sorted.length);
}

/** How many numbers of an ascending list are below a value, or not above it. */
function countBelow(sorted: Float32Array, value: number, orEqual: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (orEqual ? sorted[middle]! <= value : sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function chosenPopularity(users: Uint32Array, seen: CsrMatrix | undefined, counts: Uint32Array): number {
  if (!seen) return Number.NaN;
  let sum = 0;
  let own = 0;
  for (const user of users) {
    const items = entries(seen, user);
    if (items.length === 0) continue;
    own++;
    for (const item of items) sum += counts[item]! / items.length;
  }
  return sum / own;
}

function quality(sum: Sums, users: number, candidates: number, chosen: number): ListQuality {
  return {
    recall: sum.recall / users,
    ndcg: sum.ndcg / users,
    hitRate: sum.hits / users,
    coverage: sum.items.size / candidates,
    popularityLift: sum.shown / users / chosen,
  };
}
