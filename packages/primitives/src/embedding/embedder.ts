import type { Matrix } from '../linalg/index.js';

/** Options of one `embed` call. */
export interface EmbedOptions {
  readonly signal?: AbortSignal;
}

/** The tokens of a text as they are meant there, with the places of their words. */
export interface TokenVectors {
  /** tokens × width, special tokens included; not normalised. */
  readonly vectors: Matrix;
  /** First UTF-16 unit of the word or sign that each token is a part of; 0 for special tokens. */
  readonly starts: Int32Array;
  /** One past its last unit; 0 for special tokens. */
  readonly ends: Int32Array;
}

/**
 * Turns texts into vectors of one space. Every implementation L2-normalises its rows; a text without any known token
 * gives a row of zeros.
 *
 * @example
 * const embedder: Embedder = createHashingEmbedder({ dimensions: 64 });
 * (await embedder.embed(['tea', ''])).rows // => 2
 */
export interface Embedder {
  /** Names the model, e.g. `hashing-256`. */
  readonly modelId: string;
  /** Width of every vector. */
  readonly dimensions: number;
  /** Changes whenever the same text would get another vector; stored with every index and checked when it is loaded. */
  readonly fingerprint: string;
  /** Vectors of the texts: `texts.length × dimensions`, rows of length 1 or 0. */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Matrix>;
  /**
   * Vectors of every token of the texts in their context, one element a text: from them every phrase of a text gets a vector
   * in one run of the model. Texts are cut at the model's length. Only transformers that read word by word have it.
   *
   * @see Günther et al. (2024), Late chunking, arXiv:2409.04701
   */
  embedTokens?(texts: readonly string[], options?: EmbedOptions): Promise<readonly TokenVectors[]>;
}

/** An embedder that holds native memory. */
export interface LoadedEmbedder extends Embedder {
  /** Lets the memory go once the calls under way are done; later ones are refused. A second call does nothing more. */
  dispose(): Promise<void>;
}
