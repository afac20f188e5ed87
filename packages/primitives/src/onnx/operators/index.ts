export { absolute, dropout, exp, gelu, log, relu, reluDropout, sigmoid, softplus, sqrt, tanh } from './activations.js';
export { add, atLeast, cast, divide, multiply, negate, type Operand, subtract } from './arithmetic.js';
export { concat, gather, reshape, reshapeLike, squeeze, transpose } from './layout.js';
export { type GemmOptions, gemm, matMul } from './matrix-product.js';
export { l2Normalize, layerNorm, logSoftmax, rowCosine, softmax } from './normalization.js';
export { type ReduceOptions, reduceMean, reduceSum } from './reductions.js';
