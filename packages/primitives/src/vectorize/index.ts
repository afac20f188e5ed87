export { Bm25, type Bm25Json, type Bm25Options } from './bm25.js';
export { type ClassTfidfOptions, classTfidf } from './class-tfidf.js';
export { CountVectorizer, type CountVectorizerJson, type CountVectorizerOptions } from './count-vectorizer.js';
export type { TokenizedDocuments } from './counting.js';
export {
  type TfidfOptions,
  TfidfTransformer,
  type TfidfTransformerJson,
  TfidfVectorizer,
  type TfidfVectorizerOptions,
} from './tfidf.js';
