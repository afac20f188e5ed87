import { articleCases, type StorageSubject } from './article-cases.js';
import type { ConformanceCase } from './conformance.js';
import { morningCases } from './morning-cases.js';
import { recapCases } from './recap-cases.js';
import { runCases } from './run-cases.js';
import { workCases } from './work-cases.js';

export type { StorageSubject } from './article-cases.js';
export { artifactCases } from './artifact-cases.js';
export type { ConformanceCase } from './conformance.js';
export { type LeasesSubject, leaseCases } from './run-cases.js';
export { sqlCases } from './sql-cases.js';
export { type StreamSubject, streamCases } from './stream-cases.js';

/**
 * Every promise of a `Storage`; each case wants a fresh, empty one.
 *
 * @example
 * storageCases.length > 20 // => true
 */
export const storageCases: readonly ConformanceCase<StorageSubject>[] = [
  ...articleCases,
  ...recapCases,
  ...runCases,
  ...workCases,
  ...morningCases,
];
