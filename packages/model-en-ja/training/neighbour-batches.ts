import type { Matrix } from '@matome/primitives/linalg';
import { normalSample, type RandomSource, shuffle } from '@matome/primitives/random';

/** Random planes that cut the space: 64 regions hold about a batch each. */
const planes = 6;

/**
 * Cuts the rows into batches of neighbours: rows on the same side of some random planes stand together, so that a batch
 * holds pairs that are hard to tell apart. Other planes in every call.
 *
 * @returns batches of exactly `batchSize` row numbers, in random order; the rows left over wait for another call.
 * @see Charikar (2002), doi:10.1145/509907.509965, for hashing by random planes
 */
export function neighbourBatches(x: Matrix, batchSize: number, random: RandomSource): number[][] {
  const directions = Array.from({ length: planes }, () =>
    Float64Array.from({ length: x.cols }, () => normalSample(random)),
  );
  const rows = shuffle(
    Array.from({ length: x.rows }, (_, i) => i),
    random,
  );
  const regions: number[][] = Array.from({ length: 2 ** planes }, () => []);
  for (const i of rows) regions[regionOf(x, i, directions)]!.push(i);
  const order = shuffle(regions, random).flat();
  const batches: number[][] = [];
  for (let start = 0; start + batchSize <= order.length; start += batchSize)
    batches.push(order.slice(start, start + batchSize));
  return shuffle(batches, random);
}

function regionOf(x: Matrix, i: number, directions: readonly Float64Array[]): number {
  let region = 0;
  const start = i * x.cols;
  for (const direction of directions) {
    let sum = 0;
    for (let j = 0; j < x.cols; j++) sum += x.data[start + j]! * direction[j]!;
    region = 2 * region + (sum > 0 ? 1 : 0);
  }
  return region;
}
