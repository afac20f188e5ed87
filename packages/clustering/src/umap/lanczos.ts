import type { Cooperative } from '@matome/primitives/async';
import { normalSample, type RandomSource } from '@matome/primitives/random';
import { symmetricEigen } from './symmetric-eigen.js';

/** A symmetric linear map: writes its value at `x` to `into`. */
export type SymmetricOperator = (x: Float64Array, into: Float64Array) => void;

/** Options of `largestEigenpairSteps`. */
export interface LanczosOptions {
  readonly random: RandomSource;
  /** Unit vectors whose span is left out, as known eigenvectors are. */
  readonly deflated?: readonly Float64Array[];
  /** Largest residual |A v - λ v| that counts as found. */
  readonly tolerance: number;
  /** Applications of the operator after which the best guess is returned. */
  readonly maxProducts: number;
}

/** Eigenpairs, largest eigenvalue first. */
export interface Eigenpairs {
  readonly values: Float64Array;
  /** Unit vectors. */
  readonly vectors: readonly Float64Array[];
  /** Whether every residual is within the tolerance. */
  readonly converged: boolean;
}

/**
 * The `count` largest eigenvalues of a symmetric map with their vectors: Lanczos with full orthogonalisation, restarted
 * from the best Ritz vectors.
 *
 * @param n - length of the vectors; `count` plus the deflated ones must not exceed it.
 * @remarks Each application costs one product and O(n · basis) for the orthogonalisation; memory 8 n · basis bytes with a
 * basis of 2 · count + 24 vectors.
 * @see Wu, Simon (2000), Thick-restart Lanczos method, doi:10.1137/S0895479898334605
 */
export function* largestEigenpairSteps(
  operator: SymmetricOperator,
  n: number,
  count: number,
  options: LanczosOptions,
): Cooperative<Eigenpairs> {
  const { random, deflated = [], tolerance, maxProducts } = options;
  const limit = n - deflated.length;
  const wanted = Math.min(count, limit);
  const size = Math.min(limit, 2 * wanted + 24);
  const kept = Math.min(wanted + 8, size - 1);
  const basis = Array.from({ length: size + 1 }, () => new Float64Array(n));
  const projected = new Float64Array(size * size);
  let from = 0;
  let products = 0;
  fillRandom(basis[0]!, basis, 0, deflated, random);
  for (;;) {
    let rest = 0;
    for (let j = from; j < size; j++) {
      const next = basis[j + 1]!;
      operator(basis[j]!, next);
      products++;
      orthogonalize(next, basis, j + 1, deflated, projected, j, size);
      rest = normalize(next);
      // The space is exhausted: go on from a fresh direction.
      if (rest < 1e-12 && j + 1 < size) fillRandom(next, basis, j + 1, deflated, random);
      yield { stage: 'spectral', completed: products, total: 0 };
    }
    const { values, vectors } = symmetricEigen(projected, size);
    let worst = 0;
    for (let i = 0; i < wanted; i++) worst = Math.max(worst, Math.abs(rest * vectors[(size - 1) * size + i]!));
    const converged = worst <= tolerance || size === limit;
    const done = converged || products + size - kept > maxProducts;
    combine(basis, vectors, size, done ? wanted : kept);
    if (done) return { values: values.slice(0, wanted), vectors: basis.slice(0, wanted), converged };
    basis[kept]!.set(basis[size]!);
    projected.fill(0);
    for (let i = 0; i < kept; i++) projected[i * size + i] = values[i]!;
    from = kept;
  }
}

/** Removes the parts of `vector` along the basis, twice against rounding, and notes the first coefficients. */
function orthogonalize(
  vector: Float64Array,
  basis: readonly Float64Array[],
  count: number,
  deflated: readonly Float64Array[],
  projected: Float64Array,
  column: number,
  size: number,
): void {
  for (const known of deflated) removePart(vector, known);
  for (let pass = 0; pass < 2; pass++) {
    for (let i = 0; i < count; i++) {
      const part = removePart(vector, basis[i]!);
      if (pass > 0) continue;
      projected[i * size + column] = part;
      projected[column * size + i] = part;
    }
    for (const known of deflated) removePart(vector, known);
  }
}

function removePart(vector: Float64Array, direction: Float64Array): number {
  let part = 0;
  for (let t = 0; t < vector.length; t++) part += vector[t]! * direction[t]!;
  for (let t = 0; t < vector.length; t++) vector[t]! -= part * direction[t]!;
  return part;
}

function normalize(vector: Float64Array): number {
  let sum = 0;
  for (let t = 0; t < vector.length; t++) sum += vector[t]! * vector[t]!;
  const length = Math.sqrt(sum);
  if (length > 0) for (let t = 0; t < vector.length; t++) vector[t]! /= length;
  return length;
}

function fillRandom(
  vector: Float64Array,
  basis: readonly Float64Array[],
  count: number,
  deflated: readonly Float64Array[],
  random: RandomSource,
): void {
  for (let t = 0; t < vector.length; t++) vector[t] = normalSample(random);
  for (let pass = 0; pass < 2; pass++) {
    for (const known of deflated) removePart(vector, known);
    for (let i = 0; i < count; i++) removePart(vector, basis[i]!);
    normalize(vector);
  }
}

/** Replaces the first `kept` basis vectors by combinations of all `size`. */
function combine(basis: readonly Float64Array[], vectors: Float64Array, size: number, kept: number): void {
  const n = basis[0]!.length;
  const old = new Float64Array(size);
  for (let t = 0; t < n; t++) {
    for (let i = 0; i < size; i++) old[i] = basis[i]![t]!;
    for (let c = 0; c < kept; c++) {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += old[i]! * vectors[i * size + c]!;
      basis[c]![t] = sum;
    }
  }
}
