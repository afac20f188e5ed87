import type { CsrMatrix } from '@matome/primitives/linalg';

/** Translations kept of a word. */
const candidatesKept = 24;
const iterations = 5;

/**
 * Which English terms translate each Japanese one, learnt from aligned sentences: candidates by how often they meet
 * (Dice's coefficient), their shares by expectation maximisation.
 *
 * @param japanese - sentences × Japanese terms.
 * @param english - sentences × English terms.
 * @returns Japanese terms × English terms; rows sum to at most 1, the rest being translations by no word.
 * @see Brown et al. (1993), The mathematics of statistical machine translation (model 1), Computational Linguistics 19
 */
export function learnTranslations(japanese: CsrMatrix, english: CsrMatrix): CsrMatrix {
  const candidates = likelyTranslations(japanese, english);
  const shares = Float32Array.from(candidates.data);
  normalizeShares(candidates.indptr, shares);
  for (let round = 0; round < iterations; round++) maximize(japanese, english, candidates, shares);
  return { ...candidates, data: shares };
}

/** The English terms that meet a Japanese one most exclusively, columns ascending. */
function likelyTranslations(japanese: CsrMatrix, english: CsrMatrix): CsrMatrix {
  const sentences = transpose(japanese);
  const frequency = new Uint32Array(english.cols);
  for (const term of english.indices) frequency[term]!++;
  const meetings = new Uint32Array(english.cols);
  const indptr = new Uint32Array(japanese.cols + 1);
  const indices: number[] = [];
  const data: number[] = [];
  for (let word = 0; word < japanese.cols; word++) {
    const met: number[] = [];
    const own = sentences.indptr[word + 1]! - sentences.indptr[word]!;
    for (let at = sentences.indptr[word]!; at < sentences.indptr[word + 1]!; at++) {
      const sentence = sentences.indices[at]!;
      for (let k = english.indptr[sentence]!; k < english.indptr[sentence + 1]!; k++) {
        const term = english.indices[k]!;
        if (meetings[term]++ === 0) met.push(term);
      }
    }
    const dice = (term: number) => (2 * meetings[term]!) / (own + frequency[term]!);
    const best = met.sort((a, b) => dice(b) - dice(a) || a - b).slice(0, candidatesKept);
    for (const term of best.toSorted((a, b) => a - b)) {
      indices.push(term);
      data.push(dice(term));
    }
    indptr[word + 1] = indices.length;
    for (const term of met) meetings[term] = 0;
  }
  return {
    rows: japanese.cols,
    cols: english.cols,
    indptr,
    indices: Uint32Array.from(indices),
    data: Float32Array.from(data),
  };
}

/** One round: every English word of a sentence is shared out among the Japanese words that may have become it. */
function maximize(japanese: CsrMatrix, english: CsrMatrix, candidates: CsrMatrix, shares: Float32Array): void {
  const { indptr, indices } = candidates;
  const expected = new Float64Array(shares.length);
  const stands = new Uint8Array(english.cols);
  const totals = new Float64Array(english.cols);
  for (let s = 0; s < japanese.rows; s++) {
    const from = english.indptr[s]!;
    const to = english.indptr[s + 1]!;
    for (let k = from; k < to; k++) {
      stands[english.indices[k]!] = 1;
      // The empty word takes what no Japanese word explains.
      totals[english.indices[k]!] = 0.02;
    }
    const each = (visit: (at: number, term: number) => void) => {
      for (let w = japanese.indptr[s]!; w < japanese.indptr[s + 1]!; w++) {
        const word = japanese.indices[w]!;
        for (let at = indptr[word]!; at < indptr[word + 1]!; at++) if (stands[indices[at]!]) visit(at, indices[at]!);
      }
    };
    each((at, term) => {
      totals[term] += shares[at]!;
    });
    each((at, term) => {
      expected[at] += shares[at]! / totals[term]!;
    });
    for (let k = from; k < to; k++) stands[english.indices[k]!] = 0;
  }
  shares.set(expected);
  normalizeShares(indptr, shares);
}

function normalizeShares(indptr: Uint32Array, shares: Float32Array): void {
  for (let row = 0; row + 1 < indptr.length; row++) {
    let sum = 0;
    for (let at = indptr[row]!; at < indptr[row + 1]!; at++) sum += shares[at]!;
    if (sum > 0) for (let at = indptr[row]!; at < indptr[row + 1]!; at++) shares[at]! /= sum;
  }
}

function transpose({ rows, cols, indptr, indices }: CsrMatrix): { indptr: Uint32Array; indices: Uint32Array } {
  const starts = new Uint32Array(cols + 1);
  for (const column of indices) starts[column + 1]!++;
  for (let c = 0; c < cols; c++) starts[c + 1]! += starts[c]!;
  const next = starts.slice(0, cols);
  const members = new Uint32Array(indices.length);
  for (let i = 0; i < rows; i++) for (let k = indptr[i]!; k < indptr[i + 1]!; k++) members[next[indices[k]!]!++] = i;
  return { indptr: starts, indices: members };
}
