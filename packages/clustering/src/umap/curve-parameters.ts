import { checkNumber } from '@matome/primitives/options';

/** The low-dimensional similarity 1 / (1 + a · d^2b). */
export interface Curve {
  readonly a: number;
  readonly b: number;
}

const points = 300;

/**
 * Fits the similarity curve of the embedding: 1 up to `minDist`, then falling with scale `spread`.
 *
 * Least squares on 300 points of [0, 3 · spread], by Levenberg-Marquardt.
 *
 * @param minDist - distance at which points still count as touching, in [0, spread].
 * @param spread - scale of the embedding, above 0. @default 1
 * @throws RangeError if a parameter is out of range.
 * @remarks About 0.1 ms.
 * @see McInnes, Healy, Melville (2018), UMAP, section 4.2, arXiv:1802.03426
 * @see Marquardt (1963), doi:10.1137/0111030
 * @example
 * curveParameters(0.1).a.toFixed(2) // => '1.58'
 */
export function curveParameters(minDist: number, spread = 1): Curve {
  checkNumber('curveParameters', 'spread', spread, { min: 0, exclusiveMin: true });
  checkNumber('curveParameters', 'minDist', minDist, { min: 0, max: spread });
  const x = Float64Array.from({ length: points }, (_, i) => (3 * spread * i) / (points - 1));
  const y = x.map((d) => (d < minDist ? 1 : Math.exp(-(d - minDist) / spread)));
  let curve: Curve = { a: 1, b: 1 };
  let error = squaredError(x, y, curve);
  let damping = 1e-3;
  for (let round = 0; round < 200 && damping < 1e12; round++) {
    const step = dampedStep(x, y, curve, damping);
    const next = { a: curve.a + step.a, b: curve.b + step.b };
    const nextError = squaredError(x, y, next);
    if (nextError > error || !(nextError >= 0)) {
      damping *= 10;
      continue;
    }
    const settled = Math.abs(step.a) + Math.abs(step.b) < 1e-12 * (Math.abs(next.a) + Math.abs(next.b));
    curve = next;
    error = nextError;
    damping = Math.max(1e-15, damping / 10);
    if (settled) break;
  }
  return curve;
}

function squaredError(x: Float64Array, y: Float64Array, { a, b }: Curve): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (1 / (1 + a * x[i]! ** (2 * b)) - y[i]!) ** 2;
  return sum;
}

/** Solves the damped normal equations of the two parameters. */
function dampedStep(x: Float64Array, y: Float64Array, { a, b }: Curve, damping: number): Curve {
  let aa = 0;
  let ab = 0;
  let bb = 0;
  let ra = 0;
  let rb = 0;
  // The curve is 1 at distance 0 whatever the parameters: the first point has no slope, and its logarithm no value.
  for (let i = 1; i < x.length; i++) {
    const power = x[i]! ** (2 * b);
    const value = 1 / (1 + a * power);
    const slope = -value * value * power;
    const slopeB = slope * a * 2 * Math.log(x[i]!);
    const residual = y[i]! - value;
    aa += slope * slope;
    ab += slope * slopeB;
    bb += slopeB * slopeB;
    ra += slope * residual;
    rb += slopeB * residual;
  }
  const p = aa * (1 + damping);
  const q = bb * (1 + damping);
  const determinant = p * q - ab * ab;
  return { a: (ra * q - rb * ab) / determinant, b: (rb * p - ra * ab) / determinant };
}
