export { createRandom, type RandomSource } from './random.js';
export { normalSample, randomInteger, sampleIndices, shuffle } from './sampling.js';
