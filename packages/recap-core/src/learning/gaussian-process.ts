import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { normalCdf, normalDensity } from '../evaluation/distributions.js';

/** What a process expects at a point. */
export interface Expectation {
  readonly mean: number;
  readonly deviation: number;
}

/** Lengths over which values hang together, and noise, among which the data choose. */
const lengths = [0.1, 0.2, 0.4, 0.8, 1.6];
const noises = [1e-4, 1e-2, 1e-1];

/**
 * A Gaussian process over points of the unit cube with a Matérn 5/2 kernel; length and noise are those under which the
 * observed values are most probable.
 *
 * @remarks O(n³) to fit, O(n²) a prediction; for some hundred points.
 * @see Rasmussen, Williams (2006), Gaussian Processes for Machine Learning, chapters 2 and 5, doi:10.7551/mitpress/3206.001.0001
 */
export class GaussianProcess {
  readonly #points: readonly (readonly number[])[];
  readonly #length: number;
  readonly #cholesky: CholeskyDecomposition;
  readonly #weights: Matrix;
  readonly #mean: number;
  readonly #scale: number;

  private constructor(
    points: readonly (readonly number[])[],
    values: readonly number[],
    length: number,
    noise: number,
  ) {
    this.#points = points;
    this.#length = length;
    this.#mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const spread = values.reduce((sum, value) => sum + (value - this.#mean) ** 2, 0) / values.length;
    this.#scale = Math.sqrt(spread) || 1;
    const covariance = Matrix.zeros(points.length, points.length);
    points.forEach((p, i) => {
      points.forEach((q, j) => {
        covariance.set(i, j, matern(p, q, length) + (i === j ? noise : 0));
      });
    });
    this.#cholesky = new CholeskyDecomposition(covariance);
    this.#weights = this.#cholesky.solve(
      Matrix.columnVector(values.map((value) => (value - this.#mean) / this.#scale)),
    );
  }

  /**
   * Fits a process.
   *
   * @param points - n points of the unit cube.
   * @param values - n observed values.
   */
  static fit(points: readonly (readonly number[])[], values: readonly number[]): GaussianProcess {
    let best: { process: GaussianProcess; likelihood: number } | undefined;
    for (const length of lengths) {
      for (const noise of noises) {
        const process = new GaussianProcess(points, values, length, noise);
        const likelihood = process.#logLikelihood(values);
        if (best === undefined || likelihood > best.likelihood) best = { process, likelihood };
      }
    }
    return best!.process;
  }

  /** What the process expects at a point. */
  predict(point: readonly number[]): Expectation {
    const covariances = Matrix.columnVector(this.#points.map((other) => matern(point, other, this.#length)));
    const mean = covariances.transpose().mmul(this.#weights).get(0, 0);
    const explained = covariances.transpose().mmul(this.#cholesky.solve(covariances)).get(0, 0);
    return {
      mean: this.#mean + this.#scale * mean,
      deviation: this.#scale * Math.sqrt(Math.max(0, 1 - explained)),
    };
  }

  #logLikelihood(values: readonly number[]): number {
    const lower = this.#cholesky.lowerTriangularMatrix;
    let logDeterminant = 0;
    for (let i = 0; i < values.length; i++) logDeterminant += 2 * Math.log(lower.get(i, i));
    const fit = values.reduce((sum, v, i) => sum + ((v - this.#mean) / this.#scale) * this.#weights.get(i, 0), 0);
    return -0.5 * (fit + logDeterminant);
  }
}

/**
 * How much better than `best` a point may be expected to be, when lower is better.
 *
 * @see Jones, Schonlau, Welch (1998), Efficient global optimization, doi:10.1023/A:1008306431147
 */
export function expectedImprovement({ mean, deviation }: Expectation, best: number): number {
  if (deviation < 1e-12) return Math.max(0, best - mean);
  const z = (best - mean) / deviation;
  return (best - mean) * normalCdf(z) + deviation * normalDensity(z);
}

function matern(p: readonly number[], q: readonly number[], length: number): number {
  const squared = p.reduce((sum, value, j) => sum + (value - q[j]!) ** 2, 0);
  const r = (Math.sqrt(5) * Math.sqrt(squared)) / length;
  return (1 + r + (r * r) / 3) * Math.exp(-r);
}
