import type { Matrix } from '../linalg/index.js';

/** Options of one `embed` call. */
export interface EmbedOptions {
  readonly signal?: AbortSignal;
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
}

/** An embedder that holds native memory. */
export interface LoadedEmbedder extends Embedder {
  /** Lets the memory go; embedding afterwards is refused. A second call does nothing. */
  dispose(): Promise<void>;
}
