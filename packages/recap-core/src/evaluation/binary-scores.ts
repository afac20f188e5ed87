/** How well scores tell members from the others. */
export interface BinaryScores {
  /** Chance that a member scores higher than another row, ties counting half. NaN without both kinds. */
  readonly auc: number;
  /** Area under precision over recall, in steps. NaN without members. */
  readonly averagePrecision: number;
  /** Mean squared distance of probability and truth. */
  readonly brier: number;
  /** Mean log loss, probabilities clipped to [1e-15, 1 − 1e-15]. */
  readonly logLoss: number;
}

/**
 * Judges probabilities of one class.
 *
 * @param probabilities - n values in [0, 1].
 * @param isMember - n: whether the row is of the class.
 * @throws RangeError if the lengths differ or there is no row.
 * @remarks O(n log n).
 * @see Fawcett (2006), doi:10.1016/j.patrec.2005.10.010; Brier (1950), doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2
 * @example
 * binaryScores([0.9, 0.4, 0.6, 0.1], [true, true, false, false]).auc // => 0.75
 */
export function binaryScores(probabilities: ArrayLike<number>, isMember: ArrayLike<boolean | number>): BinaryScores {
  const n = probabilities.length;
  if (n === 0 || n !== isMember.length) {
    throw new RangeError(`binaryScores needs probabilities and as many labels. Got ${n} and ${isMember.length}.`);
  }
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort(
    (a, b) => probabilities[b]! - probabilities[a]! || a - b,
  );
  let members = 0;
  let brier = 0;
  let logLoss = 0;
  for (let i = 0; i < n; i++) {
    const truth = isMember[i] ? 1 : 0;
    members += truth;
    brier += (probabilities[i]! - truth) ** 2 / n;
    const p = Math.min(1 - 1e-15, Math.max(1e-15, probabilities[i]!));
    logLoss -= (truth ? Math.log(p) : Math.log1p(-p)) / n;
  }
  let hits = 0;
  let others = 0;
  let pairs = 0;
  let averagePrecision = 0;
  for (let start = 0; start < n; ) {
    let end = start;
    let tiedHits = 0;
    // Equal scores are one step: no order among them is the right one.
    for (; end < n && probabilities[order[end]!] === probabilities[order[start]!]; end++)
      if (isMember[order[end]!]) tiedHits++;
    const tiedOthers = end - start - tiedHits;
    pairs += tiedOthers * (hits + tiedHits / 2);
    hits += tiedHits;
    others += tiedOthers;
    averagePrecision += (tiedHits * hits) / end;
    start = end;
  }
  return {
    auc: members === 0 || others === 0 ? Number.NaN : pairs / (members * others),
    averagePrecision: members === 0 ? Number.NaN : averagePrecision / members,
    brier,
    logLoss,
  };
}
