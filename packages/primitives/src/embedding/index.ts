export type { Embedder, EmbedOptions } from './embedder.js';
