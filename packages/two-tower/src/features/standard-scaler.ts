import { ArtifactError } from '../artifacts/artifact-error.js';

/** Mean and standard deviation of one feature, as `normalizer.json` holds them; a `std` of 0 never stands there. */
export interface FeatureStatistics {
  readonly mean: number;
  readonly std: number;
}

/**
 * Brings numbers to mean 0 and population standard deviation 1, feature by feature; a constant feature keeps scale 1.
 *
 * @example
 * const scaler = StandardScaler.fit(['price'], [[1], [3]]);
 * scaler.transform([5]) // => [3]
 */
export class StandardScaler {
  private constructor(
    readonly featureNames: readonly string[],
    readonly mean: readonly number[],
    readonly scale: readonly number[],
  ) {}

  /**
   * @param rows - n × d; non-finite values must have been replaced. No rows count as one row of zeros.
   * @throws RangeError if a row has another width or holds a number that is not finite.
   * @remarks O(n d), two passes in float64.
   */
  static fit(featureNames: readonly string[], rows: Iterable<readonly number[]>): StandardScaler {
    const d = featureNames.length;
    const all = [...rows];
    for (const [i, row] of all.entries()) checkRow('StandardScaler.fit', row, d, i);
    const n = Math.max(1, all.length);
    const mean = new Array<number>(d).fill(0);
    for (const row of all) for (let j = 0; j < d; j++) mean[j]! += row[j]! / n;
    const variance = new Array<number>(d).fill(0);
    for (const row of all) for (let j = 0; j < d; j++) variance[j]! += (row[j]! - mean[j]!) ** 2 / n;
    // Rounding leaves a constant column a variance of about (mean · 2⁻⁵²)²; dividing by its root would blow noise up.
    const scale = variance.map((v, j) => (Math.sqrt(v) > Math.abs(mean[j]!) * 1e-12 ? Math.sqrt(v) : 1));
    return new StandardScaler([...featureNames], mean, scale);
  }

  /** @returns the standard scores of one row. */
  transform(row: readonly number[]): number[] {
    return row.map((value, j) => (value - this.mean[j]!) / this.scale[j]!);
  }

  toJSON(): {
    readonly feature_names: readonly string[];
    readonly mean: readonly number[];
    readonly scale: readonly number[];
  } {
    return { feature_names: this.featureNames, mean: this.mean, scale: this.scale };
  }

  /** The form of `normalizer.json`. */
  toStatistics(): Record<string, FeatureStatistics> {
    return Object.fromEntries(this.featureNames.map((name, j) => [name, { mean: this.mean[j]!, std: this.scale[j]! }]));
  }

  /** @throws ArtifactError (`MALFORMED`) if a feature is missing or a number is not finite. */
  static fromStatistics(featureNames: readonly string[], statistics: unknown): StandardScaler {
    const given = (statistics ?? {}) as Record<string, Partial<FeatureStatistics> | undefined>;
    for (const name of featureNames) {
      const { mean, std } = given[name] ?? {};
      if (!Number.isFinite(mean) || !Number.isFinite(std)) {
        throw new ArtifactError('MALFORMED', `The normaliser must hold a finite mean and std of ${name}.`);
      }
    }
    const scale = featureNames.map((name) => given[name]!.std || 1);
    return new StandardScaler(
      [...featureNames],
      featureNames.map((name) => given[name]!.mean!),
      scale,
    );
  }

  /** @throws ArtifactError (`MALFORMED`) if the lists do not fit together. */
  static fromJSON(json: unknown): StandardScaler {
    const { feature_names: names, mean, scale } = (json ?? {}) as Record<string, unknown>;
    const numbers = (list: unknown): list is number[] => Array.isArray(list) && list.every(Number.isFinite);
    const fits = Array.isArray(names) && numbers(mean) && numbers(scale) && mean.length === names.length;
    if (!fits || scale.length !== names.length || !scale.every((factor) => factor > 0)) {
      throw new ArtifactError('MALFORMED', 'A scaler must hold feature_names, mean and scale above 0 of one length.');
    }
    return new StandardScaler(names as string[], mean, scale);
  }
}

function checkRow(caller: string, row: readonly number[], width: number, index: number): void {
  if (row.length !== width) {
    throw new RangeError(`The rows of ${caller} must have ${width} numbers. Row ${index} has ${row.length}.`);
  }
  const bad = row.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new RangeError(`The rows of ${caller} must hold finite numbers. Row ${index} holds ${row[bad]}.`);
  }
}
