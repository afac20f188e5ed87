import type { Matrix } from '../linalg/index.js';
import type { EmbedOptions, LoadedEmbedder, TokenVectors } from './embedder.js';
import type { TextEncoder } from './text-encoder.js';
import { writeNormalized } from './write-normalized.js';

/** Texts of one run of a model. */
export interface TokenBatch {
  /** texts × length ids, padded with 0. */
  readonly ids: Int32Array;
  /** Number of ids of each text. */
  readonly lengths: Int32Array;
  /** Number of ids of the longest text. */
  readonly length: number;
}

/** What `createTransformerEmbedder` puts together. */
export interface TransformerParts {
  readonly modelId: string;
  readonly dimensions: number;
  readonly fingerprint: string;
  readonly encoder: TextEncoder;
  /** Whether texts of similar length may share a run. */
  readonly batching: 'padded' | 'single';
  /** Ids of a run, padding included. */
  readonly maxBatchTokens: number;
  /** Vectors of a batch, texts × dimensions, of any length. */
  run(batch: TokenBatch): Promise<Float32Array>;
  /** Token vectors of one text, length × width; absent where the model gives none. */
  runTokens?(batch: TokenBatch): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** An embedder around a model that turns token ids into vectors. */
export function createTransformerEmbedder(parts: TransformerParts): LoadedEmbedder {
  const { modelId, dimensions, fingerprint, encoder } = parts;
  let disposing: Promise<void> | undefined;
  const underWay = new Set<Promise<unknown>>();
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    if (disposing) throw new Error(`The embedder ${modelId} was disposed of.`);
    const answer = work();
    underWay.add(answer);
    try {
      return await answer;
    } finally {
      underWay.delete(answer);
    }
  };
  return {
    modelId,
    dimensions,
    fingerprint,
    embed: (texts, options = {}) => call(() => embedTexts(parts, texts, options)),
    ...(parts.runTokens &&
      encoder.locate && {
        embedTokens: (texts, options = {}) =>
          call(() => embedTokens(texts, encoder.locate!, parts.runTokens!, options)),
      }),
    dispose() {
      disposing ??= Promise.allSettled(underWay).then(() => parts.dispose());
      return disposing;
    },
  };
}

/** Text by text: an article fills a run of the model. */
async function embedTokens(
  texts: readonly string[],
  locate: NonNullable<TextEncoder['locate']>,
  run: NonNullable<TransformerParts['runTokens']>,
  { signal }: EmbedOptions,
): Promise<TokenVectors[]> {
  const embedded: TokenVectors[] = [];
  for (const text of texts) {
    signal?.throwIfAborted();
    const { ids, starts, ends } = locate(text);
    const data = await run(packBatch([ids]));
    embedded.push({ vectors: { data, rows: ids.length, cols: data.length / ids.length }, starts, ends });
  }
  return embedded;
}

/** Ids of padding that a batch may hold: beyond them computing padding costs more than another run, measured on MiniLM. */
const mostPadding = 12;

/** Texts read between two looks at the signal. */
const encodeSlice = 64;

async function embedTexts(parts: TransformerParts, texts: readonly string[], options: EmbedOptions): Promise<Matrix> {
  const { dimensions, encoder } = parts;
  const { signal } = options;
  const data = new Float32Array(texts.length * dimensions);
  const encoded: Int32Array[] = [];
  const order: number[] = [];
  for (let i = 0; i < texts.length; i++) {
    if (i % encodeSlice === 0) signal?.throwIfAborted();
    const ids = encoder.encode(texts[i]!);
    encoded.push(ids);
    if (ids.length > encoder.specialCount) order.push(i);
  }
  order.sort((a, b) => encoded[a]!.length - encoded[b]!.length || a - b);
  for (let start = 0; start < order.length; ) {
    signal?.throwIfAborted();
    const end = batchEnd(parts, order, encoded, start);
    const members = order.slice(start, end);
    const vectors = await parts.run(packBatch(members.map((i) => encoded[i]!)));
    members.forEach((i, at) => {
      writeNormalized(data, i * dimensions, vectors, at * dimensions, dimensions);
    });
    start = end;
  }
  return { data, rows: texts.length, cols: dimensions };
}

function batchEnd(
  { batching, maxBatchTokens }: TransformerParts,
  order: readonly number[],
  encoded: readonly Int32Array[],
  start: number,
): number {
  if (batching === 'single') return start + 1;
  let end = start + 1;
  let tokens = encoded[order[start]!]!.length;
  for (; end < order.length; end++) {
    // Lengths ascend, so the newest text is the longest.
    const { length } = encoded[order[end]!]!;
    tokens += length;
    const size = (end - start + 1) * length;
    if (size > maxBatchTokens || size - tokens > mostPadding) break;
  }
  return end;
}

function packBatch(texts: readonly Int32Array[]): TokenBatch {
  const length = texts.at(-1)!.length;
  const ids = new Int32Array(texts.length * length);
  texts.forEach((text, i) => {
    ids.set(text, i * length);
  });
  return { ids, lengths: Int32Array.from(texts, (text) => text.length), length };
}
