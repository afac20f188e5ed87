import type { CsrMatrix } from '../linalg/index.js';
import type { NGramTrie } from './vocabulary.js';

/** Documents as lists of tokens. */
export type TokenizedDocuments = readonly (readonly string[])[];

/** Counts of a corpus over trie nodes; columns of a row stand in the order of first occurrence. */
export interface NodeCounts {
  readonly indptr: Uint32Array;
  readonly nodes: Uint32Array;
  readonly counts: Uint32Array;
}

/** A growing list of unsigned 32-bit numbers. */
class Uint32List {
  length = 0;
  private data = new Uint32Array(1024);

  push(value: number): void {
    if (this.length === this.data.length) {
      const larger = new Uint32Array(this.data.length * 2);
      larger.set(this.data);
      this.data = larger;
    }
    this.data[this.length++] = value;
  }

  increment(index: number): void {
    this.data[index]!++;
  }

  view(): Uint32Array {
    return this.data.subarray(0, this.length);
  }
}

/**
 * Counts the n-grams of every document.
 *
 * @param learn - adds unknown n-grams to the trie; otherwise they are skipped.
 * @remarks O(tokens · lengths); a node's place in the current row is found without a map.
 */
export function countNodes(
  documents: TokenizedDocuments,
  trie: NGramTrie,
  range: readonly [number, number],
  learn: boolean,
): NodeCounts {
  const [shortest, longest] = range;
  const indptr = new Uint32Array(documents.length + 1);
  const nodes = new Uint32List();
  const counts = new Uint32List();
  // Where node n stands in the current row; a place before the row's start means it has not occurred in it.
  let places = new Int32Array(Math.max(1024, trie.size)).fill(-1);
  let ids = new Int32Array(1024);
  for (let d = 0; d < documents.length; d++) {
    const tokens = documents[d]!;
    const rowStart = nodes.length;
    if (tokens.length > ids.length) ids = new Int32Array(tokens.length * 2);
    for (let i = 0; i < tokens.length; i++) ids[i] = learn ? trie.token(tokens[i]!) : trie.findToken(tokens[i]!);
    for (let i = 0; i < tokens.length; i++) {
      let node = ids[i]!;
      for (let n = 1; n <= longest && node >= 0; n++) {
        if (n > 1) {
          const next = i + n - 1 < tokens.length ? ids[i + n - 1]! : -1;
          if (next < 0) break;
          node = learn ? trie.child(node, next) : trie.findChild(node, next);
          if (node < 0) break;
        }
        if (n < shortest) continue;
        if (node >= places.length) {
          const larger = new Int32Array(Math.max(places.length * 2, node + 1)).fill(-1);
          larger.set(places);
          places = larger;
        }
        const place = places[node]!;
        if (place >= rowStart) counts.increment(place);
        else {
          places[node] = nodes.length;
          nodes.push(node);
          counts.push(1);
        }
      }
    }
    indptr[d + 1] = nodes.length;
  }
  return { indptr, nodes: nodes.view(), counts: counts.view() };
}

/**
 * Brings counts over nodes into a matrix over columns, the columns of a row ascending.
 *
 * @param columns - the column of every node, -1 for nodes to leave out.
 */
export function toCsr(counted: NodeCounts, columns: Int32Array, cols: number, binary: boolean): CsrMatrix {
  const rows = counted.indptr.length - 1;
  const indptr = new Uint32Array(rows + 1);
  let kept = 0;
  for (let i = 0; i < rows; i++) {
    for (let at = counted.indptr[i]!; at < counted.indptr[i + 1]!; at++) {
      const node = counted.nodes[at]!;
      if (node < columns.length && columns[node]! >= 0) kept++;
    }
    indptr[i + 1] = kept;
  }
  const indices = new Uint32Array(kept);
  const data = new Float32Array(kept);
  const amounts = new Float32Array(cols);
  for (let i = 0; i < rows; i++) {
    let to = indptr[i]!;
    for (let at = counted.indptr[i]!; at < counted.indptr[i + 1]!; at++) {
      const node = counted.nodes[at]!;
      const column = node < columns.length ? columns[node]! : -1;
      if (column < 0) continue;
      indices[to++] = column;
      amounts[column] = binary ? 1 : counted.counts[at]!;
    }
    const row = indices.subarray(indptr[i]!, to).sort();
    for (let k = 0; k < row.length; k++) data[indptr[i]! + k] = amounts[row[k]!]!;
  }
  return { indptr, indices, data, rows, cols };
}
