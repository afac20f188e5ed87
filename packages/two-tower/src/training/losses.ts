import {
  concat,
  exp,
  type GraphValue,
  gemm,
  multiply,
  reduceMean,
  reduceSum,
  reshape,
  rowCosine,
  softplus,
  subtract,
  withGradient,
} from '@matome/primitives/onnx';

/**
 * Cross-entropy of a like on the cosine of user and item, mean over the batch.
 *
 * The cosine lies in [-1, 1], so without a scale no example can be told with certainty: the loss of a positive never
 * falls below ln(1 + 1/e) = 0.3133.
 *
 * @param users - [batch, dim], of any length.
 * @param items - [batch, dim], row by row the items of the users.
 * @param labels - [batch], 0 or 1.
 * @param scale - multiplies the cosine.
 */
export function cosineCrossEntropy(users: GraphValue, items: GraphValue, labels: GraphValue, scale = 1): GraphValue {
  const cosine = rowCosine(users, items);
  const logit = scale === 1 ? cosine : multiply(cosine, scale);
  return reduceMean(subtract(softplus(logit), multiply(labels, logit)));
}

/** Items that a batch is told apart from. */
export interface Candidates {
  /** [count, dim], of length 1. */
  readonly vectors: GraphValue;
  /** [1, count]: logarithm of how often an item is expected among the candidates; taken off its score. */
  readonly correction?: GraphValue;
  /** [batch, count] of bool: true where a candidate is no negative of the user. */
  readonly excluded: GraphValue;
}

/** Options of `sampledSoftmax`. */
export interface SampledSoftmaxOptions {
  /** [batch, dim]. */
  readonly users: GraphValue;
  /** [batch, dim], row by row the items of the users. */
  readonly positives: GraphValue;
  /** The items of the other users, uniformly drawn ones, or both. */
  readonly candidates: readonly Candidates[];
  /** Scalar; scores are cosines divided by the temperature. */
  readonly inverseTemperature: GraphValue | number;
  /** [batch, 1]: taken off the score of the positive, which is how logQ correction was first written. @default nothing */
  readonly positiveCorrection?: GraphValue;
  /** [batch, 1]: how much each row counts, on average 1. @default all the same */
  readonly weights?: GraphValue;
}

/**
 * Cross-entropy of picking the user's item out of itself and the candidates, mean over the batch.
 *
 * The positive is not drawn, it always stands there: correcting it like the drawn ones, as the first form of logQ
 * correction does, leaves a bias. Without `positiveCorrection` the gradient is that of the corrected form, whose weight
 * of an example (the probability of picking another item) is part of the softmax gradient already.
 *
 * @see Yi et al. (2019), Sampling-bias-corrected neural modeling, doi:10.1145/3298689.3346996
 * @see Khrylchenko et al. (2025), Correcting the LogQ correction, arXiv:2507.09331
 * @see Yang et al. (2020), Mixed negative sampling, doi:10.1145/3366424.3386195
 */
export function sampledSoftmax(options: SampledSoftmaxOptions): GraphValue {
  const { users, positives, candidates, inverseTemperature, positiveCorrection, weights } = options;
  const scaled = multiply(users, inverseTemperature);
  const cosine = reduceSum(multiply(scaled, positives), { axes: [1], keepDims: true });
  const own = positiveCorrection ? subtract(cosine, positiveCorrection) : cosine;
  const sums = candidates.map(({ vectors, correction, excluded }) => {
    const bias = correction ? multiply(correction, -1) : undefined;
    return logSumExp(without(gemm(scaled, vectors, { transposeB: true }, bias), excluded));
  });
  const losses = subtract(logSumExp(concat([own, ...sums], 1)), own);
  return reduceMean(weights ? multiply(losses, weights) : losses);
}

const farBelow = -1e9;

/** Takes scores out of the running; what is out gets no gradient, as its exponential is 0. */
function without(scores: GraphValue, excluded: GraphValue): GraphValue {
  const { graph } = scores;
  const [kept] = graph.node('Where', [excluded, graph.scalar(farBelow), scores], { outputs: [scores] });
  return withGradient(kept!, [scores], (dy) => [dy]);
}

/** log Σ exp over each row, [rows, 1]. */
function logSumExp(x: GraphValue): GraphValue {
  const { graph } = x;
  const shape = [x.shape[0]!, 1];
  const [y] = graph.node('ReduceLogSumExp', [x, graph.integers([1])], {
    attributes: { keepdims: 1 },
    outputs: [{ type: 'float32', shape }],
  });
  return withGradient(y!, [x], (dy) => [multiply(exp(subtract(x, y!)), dy)]);
}

/** A scalar parameter that is positive however it is trained: the exponential of what is stored. */
export function positiveParameter(stored: GraphValue): GraphValue {
  return exp(reshape(stored, [1, 1]));
}
