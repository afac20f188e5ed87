import type { CsrMatrix } from '@matome/primitives/linalg';

/** Occurrences of a term in one document at which it counts half: the customary k1 of BM25. */
const saturation = 1.2;

/**
 * How much each term tells a class from the other documents: what the term adds to the divergence of the class from the rest,
 * p · ln(p / q), with q the share of other documents that hold it (one more counted on either side, so that none is zero).
 *
 * p is the share of the documents of the class, where a document that names the term once counts less than one that keeps coming
 * back to it: without that, all words of a class of one document would be equal. A class that holds all documents has no rest;
 * there p alone counts.
 *
 * @param counts - documents × terms.
 * @param labels - the class of every document from 0 on.
 * @returns classes × terms, positive values only, columns of a row ascending.
 * @remarks O(non-zero counts + classes · terms of the largest class).
 * @see Tomokiyo, Hurst (2003), A language model approach to keyphrase extraction, doi:10.3115/1119282.1119287, for the pointwise
 * divergence; Robertson, Zaragoza (2009), The Probabilistic Relevance Framework, doi:10.1561/1500000019, for the saturation
 */
export function classDivergence(counts: CsrMatrix, labels: readonly number[]): CsrMatrix {
  const { rows, cols } = counts;
  const holders = new Float64Array(cols);
  for (let k = 0; k < counts.indices.length; k++) holders[counts.indices[k]!]! += counts.data[k]! > 0 ? 1 : 0;
  const members = membersOf(labels);
  const indptr = new Uint32Array(members.length + 1);
  const indices: number[] = [];
  const data: number[] = [];
  const held = new Float64Array(cols);
  const salience = new Float64Array(cols);
  members.forEach((documents, c) => {
    const columns = sumDocuments(counts, documents, held, salience);
    for (const column of columns) {
      const inside = held[column]! / documents.length;
      const outside = (holders[column]! - held[column]! + 1) / (rows - documents.length + 1);
      const lift = documents.length === rows ? 1 : Math.log(inside / outside);
      if (lift > 0) {
        indices.push(column);
        data.push((salience[column]! / documents.length) * lift);
      }
      held[column] = 0;
      salience[column] = 0;
    }
    indptr[c + 1] = indices.length;
  });
  return { indptr, indices: Uint32Array.from(indices), data: Float32Array.from(data), rows: members.length, cols };
}

function membersOf(labels: readonly number[]): number[][] {
  const members: number[][] = Array.from({ length: labels.reduce((most, c) => Math.max(most, c + 1), 0) }, () => []);
  labels.forEach((c, i) => {
    members[c]!.push(i);
  });
  return members;
}

/** Adds up documents that hold a term, and how much they make of it. @returns the columns touched, ascending. */
function sumDocuments(
  { indptr, indices, data }: CsrMatrix,
  documents: readonly number[],
  held: Float64Array,
  salience: Float64Array,
): Uint32Array {
  const touched: number[] = [];
  for (const i of documents) {
    for (let k = indptr[i]!; k < indptr[i + 1]!; k++) {
      const [column, count] = [indices[k]!, data[k]!];
      if (count <= 0) continue;
      if (held[column] === 0) touched.push(column);
      held[column]!++;
      salience[column]! += count / (count + saturation);
    }
  }
  return Uint32Array.from(touched).sort();
}
