import { checkInteger } from '@matome/primitives/options';
import { createRandom, type RandomSource, shuffle } from '@matome/primitives/random';

/** Options of `stratifiedFolds`. */
export interface StratifiedFoldsOptions {
  /** @default 5 */
  readonly folds?: number;
  /** Rows with the same group stay in one fold, e.g. the text of the row. @default every row on its own */
  readonly groups?: readonly string[];
  /** @default a source seeded with 42 */
  readonly random?: RandomSource;
}

/** Row numbers of one round: what to learn from, what to measure on. */
export interface Fold {
  readonly train: Uint32Array;
  readonly test: Uint32Array;
}

/**
 * Splits rows into folds that hold every label in about equal number.
 *
 * @param labels - n labels.
 * @returns one round per fold; every row is tested once.
 * @throws RangeError if there are fewer rows than folds, or other than n groups.
 * @remarks O(n log n). Groups are dealt out in random order, larger ones first, each to the fold that has
 * fewest rows of its label.
 * @example
 * stratifiedFolds(['a', 'b', 'a', 'b'], { folds: 2 }).map((fold) => fold.test.length) // => [2, 2]
 */
export function stratifiedFolds(labels: readonly string[], options: StratifiedFoldsOptions = {}): Fold[] {
  const { folds = 5, groups, random = createRandom(42) } = options;
  checkInteger('stratifiedFolds', 'folds', folds, { min: 2, max: Math.max(2, labels.length) });
  if (groups && groups.length !== labels.length) {
    throw new RangeError(
      `The groups option of stratifiedFolds must hold ${labels.length} names. Got ${groups.length}.`,
    );
  }
  const members = new Map<string, number[]>();
  labels.forEach((_, i) => {
    const key = groups ? groups[i]! : String(i);
    const rows = members.get(key);
    if (rows) rows.push(i);
    else members.set(key, [i]);
  });
  const dealt = shuffle([...members.values()], random).sort((a, b) => b.length - a.length);
  const perLabel = new Map<string, number[]>();
  const sizes = new Array<number>(folds).fill(0);
  const foldOf = new Int32Array(labels.length);
  for (const rows of dealt) {
    const label = labels[rows[0]!]!;
    const counts = perLabel.get(label) ?? new Array<number>(folds).fill(0);
    perLabel.set(label, counts);
    let chosen = 0;
    for (let f = 1; f < folds; f++) {
      if (counts[f]! < counts[chosen]! || (counts[f] === counts[chosen] && sizes[f]! < sizes[chosen]!)) chosen = f;
    }
    counts[chosen]! += rows.length;
    sizes[chosen]! += rows.length;
    for (const row of rows) foldOf[row] = chosen;
  }
  return Array.from({ length: folds }, (_, f) => ({
    train: rowsWhere(foldOf, (fold) => fold !== f),
    test: rowsWhere(foldOf, (fold) => fold === f),
  }));
}

function rowsWhere(foldOf: Int32Array, keep: (fold: number) => boolean): Uint32Array {
  const rows: number[] = [];
  for (let i = 0; i < foldOf.length; i++) if (keep(foldOf[i]!)) rows.push(i);
  return Uint32Array.from(rows);
}
