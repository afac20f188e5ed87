import { checkNumber } from '@matome/primitives/options';
import type { Overlap } from './compare-shingles.js';

/**
 * Why a document counts as a duplicate: the same text; a lightly edited copy; a shortened or wrapped copy; or a text
 * whose words differ more but whose meaning an embedder finds the same.
 */
export type DuplicateReason = 'exact' | 'near' | 'contained' | 'reworded';

/** From which overlap on two texts are duplicates. */
export interface DuplicateThresholds {
  /** Share of the better covered text that the other covers. @default 0.9 */
  readonly minCoverage?: number;
  /** Share of the other text that is covered in turn; lower finds shorter cuttings, and more splices. @default 0.75 */
  readonly minMutualCoverage?: number;
  /** Jaccard similarity of the shingles. @default 0.2 */
  readonly minJaccard?: number;
  /** Jaccard similarity where the shorter text has fewer than 24 shingles: a headline shares phrases by chance. @default 0.5 */
  readonly minShortJaccard?: number;
  /** Share of a shorter text's shingles that a longer one must hold for it to be a part of that. @default 0.97 */
  readonly minContainment?: number;
  /** Size of a part against its whole. @default 0.2 */
  readonly minPart?: number;
  /** Share of an edited cutting that the longer text covers. @default 0.97 */
  readonly minCutCoverage?: number;
  /** Share of the longer text that an edited cutting covers. @default 0.6 */
  readonly minCutPart?: number;
  /**
   * Share of its numbers, dates and model names that a text with few of them has in common with its copy, less what
   * chance explains: reports written from one template share their words and differ here. 0 asks for nothing. @default 0.8
   */
  readonly minSharedNumbers?: number;
}

/** A judgement on two texts. */
export type PairVerdict =
  | { readonly status: 'duplicate'; readonly reason: 'near' | 'contained'; readonly similarity: number }
  | { readonly status: 'unsure'; readonly similarity: number }
  | { readonly status: 'different'; readonly similarity: number };

const shortText = 24;

/** `DuplicateThresholds` with every default filled in. */
export type FilledThresholds = Required<DuplicateThresholds>;

/** Fills in the defaults. @throws RangeError for a value outside [0, 1]. */
export function fillThresholds(caller: string, thresholds: DuplicateThresholds): FilledThresholds {
  const {
    minCoverage = 0.9,
    minMutualCoverage = 0.75,
    minJaccard = 0.2,
    minShortJaccard = 0.5,
    minContainment = 0.97,
    minPart = 0.2,
    minCutCoverage = 0.97,
    minCutPart = 0.6,
    minSharedNumbers = 0.8,
  } = thresholds;
  const filled = {
    minCoverage,
    minMutualCoverage,
    minJaccard,
    minShortJaccard,
    minContainment,
    minPart,
    minCutCoverage,
    minCutPart,
    minSharedNumbers,
  };
  for (const [name, value] of Object.entries(filled)) checkNumber(caller, name, value, { min: 0, max: 1 });
  return filled;
}

/**
 * Judges how two texts overlap.
 *
 * Two copies of one text cover each other throughout, even where one word in eight was changed in both and their
 * Jaccard similarity is down to 0.2; a text spliced from two others covers each in one part only, with a Jaccard
 * similarity that may be higher. That is why coverage decides, not the Jaccard similarity alone.
 *
 * @param shorter - distinct shingles of the smaller text; `longer` those of the larger.
 */
export function judgePair(overlap: Overlap, shorter: number, longer: number, limits: FilledThresholds): PairVerdict {
  const { jaccard, containment, coverage } = overlap;
  const similarity = (coverage[0] + coverage[1]) / 2;
  const best = Math.max(coverage[0], coverage[1]);
  const mutual = Math.min(coverage[0], coverage[1]);
  const enough = jaccard >= (shorter < shortText ? limits.minShortJaccard : limits.minJaccard);
  if (enough && best >= limits.minCoverage && mutual >= limits.minMutualCoverage) {
    return { status: 'duplicate', reason: 'near', similarity };
  }
  if (enough && shorter >= shortText && best >= limits.minCutCoverage && mutual >= limits.minCutPart) {
    return { status: 'duplicate', reason: 'contained', similarity: best };
  }
  const part = Math.max(containment[0], containment[1]);
  if (part >= limits.minContainment && shorter >= shortText && shorter >= limits.minPart * longer) {
    return { status: 'duplicate', reason: 'contained', similarity: part };
  }
  // Half of each text is found in the other: too much for chance, too little for a copy.
  return { status: enough && mutual >= 0.5 ? 'unsure' : 'different', similarity };
}

/** Fewer different numbers say too little. */
const fewNumbers = 6;

/**
 * Whether two texts speak of other numbers, as two reports from one template do.
 *
 * @param a - words with digits of one text as ascending hashes, `b` those of the other.
 */
export function namesOthers(a: Uint32Array, b: Uint32Array, { minSharedNumbers: share }: FilledThresholds): boolean {
  const fewer = Math.min(a.length, b.length);
  if (fewer < fewNumbers) return false;
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      shared++;
      i++;
      j++;
    } else if (a[i]! < b[j]!) i++;
    else j++;
  }
  return shared < share * fewer - Math.sqrt(share * (1 - share) * fewer);
}
