import type { Cooperative } from '@matome/primitives/async';
import { type RandomSource, sampleIndices } from '@matome/primitives/random';
import type { RowProducts } from '../wasm/row-products.js';
import { type LloydLimits, lloydSteps } from './lloyd.js';
import { plusPlusSeedSteps, randomSeeds } from './seed-centroids.js';

/** How first centroids are found. */
export interface StartOptions {
  readonly k: number;
  readonly init: 'k-means++' | 'random';
  /** Rows that seeds are drawn from and settle on before all rows are looked at; 32 a cluster at least. */
  readonly sampleSize: number;
  readonly limits: LloydLimits;
  readonly random: RandomSource;
}

/**
 * First centroids for the rows `ids`: seeds from a sample, settled there.
 *
 * Seeds are single rows and move far at first; letting them settle on the sample saves passes over all rows.
 *
 * @returns `k × d`, relative to the centre.
 */
export function* startCentroids(data: RowProducts, ids: Uint32Array, options: StartOptions): Cooperative<Float64Array> {
  const { k, init, limits, random } = options;
  const size = Math.max(options.sampleSize, 32 * k);
  const sample = ids.length > size ? sampleIndices(ids.length, size, random).map((at) => ids[at]!) : ids;
  const seeds = init === 'random' ? randomSeeds(sample, k, random) : yield* plusPlusSeedSteps(data, sample, k, random);
  const centroids = new Float64Array(k * data.cols);
  for (let c = 0; c < k; c++) centroids.set(data.row(seeds[c]!), c * data.cols);
  if (sample === ids) return centroids;
  return (yield* lloydSteps(data, sample, centroids, limits)).centroids;
}
