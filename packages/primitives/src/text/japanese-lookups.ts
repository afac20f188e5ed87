/** The double array in which the analyser keeps its words; each step down from a node is one byte of UTF-8. */
export interface DoubleArrayCells {
  getBase(cell: number): number;
  /** The node that a cell belongs to. */
  getCheck(cell: number): number;
}

/** Readings of words: for every reading left id, right id and cost, two bytes each, and a line of features. */
interface WordDictionary {
  /** Readings of a word of the double array, or of a class of characters. */
  target_map: Readonly<Record<number, readonly (number | string)[]>>;
  readonly dictionary: { getShort(index: number): number };
  getFeatures(reading: string): string;
}

interface CharacterClass {
  readonly class_id: number;
  readonly class_name: string;
  readonly is_always_invoke: number;
  readonly is_grouping: number;
}

interface UnknownDictionary extends WordDictionary {
  lookup(character: string): CharacterClass;
}

/** A word that may stand at a place; places are counted from 1. */
interface LatticeNode {
  readonly name: number;
  readonly cost: number;
  readonly start_pos: number;
  readonly length: number;
  readonly left_id: number;
  readonly right_id: number;
  prev: LatticeNode | null;
  readonly surface_form: string;
  shortest_cost: number;
  readonly type: 'BOS' | 'EOS' | 'KNOWN' | 'UNKNOWN';
}

/** All words that may stand in a text, by the place where they end. */
export interface Lattice {
  readonly nodes_end_at: LatticeNode[][];
  readonly eos_pos: number;
}

/** The parts of kuromoji's analyser that look words up. */
export interface LookingUp {
  readonly viterbi_builder: { readonly trie: { readonly bc: DoubleArrayCells }; build(text: string): Lattice };
  readonly token_info_dictionary: WordDictionary;
  readonly unknown_dictionary: UnknownDictionary;
}

/** Words whose features are remembered: words follow Zipf's law, so a small table holds nearly all. */
const wordsKept = 20_000;

/** Readings in one list: those of word w from `starts[w]` to `starts[w + 1]`. */
interface Readings {
  readonly starts: Int32Array;
  readonly ids: Int32Array;
}

/** As the analyser keeps them, 326,000 small arrays, they take 50 MB; flat ones take 3. */
function flatten(map: WordDictionary['target_map']): Readings {
  let most = -1;
  for (const word in map) most = Math.max(most, Number(word));
  const starts = new Int32Array(most + 2);
  for (let word = 0; word <= most; word++) starts[word + 1] = starts[word]! + (map[word]?.length ?? 0);
  const ids = new Int32Array(starts[most + 1]!);
  for (let word = 0; word <= most; word++)
    map[word]?.forEach((id, i) => {
      ids[starts[word]! + i] = Number(id);
    });
  return { starts, ids };
}

/**
 * Replaces two lookups of an analyser by quicker ones with the same answers: which words may stand in a text, for which it
 * would copy and encode the rest of the text at every place, and the features of words, which it would decode for every token.
 * Takes the analyser's list of readings away: nothing else may ask it for words.
 */
export function quickenLookups(analyzer: LookingUp): void {
  const { viterbi_builder: builder, token_info_dictionary: dictionary } = analyzer;
  const words = flatten(dictionary.target_map);
  const classes = flatten(analyzer.unknown_dictionary.target_map);
  dictionary.target_map = {};
  builder.build = (text) => buildLattice(analyzer, words, classes, text);
  const known = new Map<string, string>();
  const getFeatures = dictionary.getFeatures.bind(dictionary);
  dictionary.getFeatures = (reading) => {
    let features = known.get(reading);
    if (features === undefined) {
      features = getFeatures(reading);
      if (known.size >= wordsKept) known.clear();
      known.set(reading, features);
    }
    return features;
  };
}

/**
 * The words of the dictionary at every place, and runs of one class of characters where the dictionary has none or the class
 * says so.
 *
 * @param text - characters of one unit only.
 * @see Kudo, Yamamoto, Matsumoto (2004), Applying conditional random fields to Japanese morphological analysis, EMNLP
 */
function buildLattice(
  { viterbi_builder: builder, token_info_dictionary, unknown_dictionary }: LookingUp,
  words: Readings,
  runs: Readings,
  text: string,
): Lattice {
  const { bc } = builder.trie;
  const classes = Array.from({ length: text.length }, (_, i) => unknown_dictionary.lookup(text[i]!));
  const nodes: LatticeNode[][] = [[nodeOf('BOS', -1, 0, 0, '')]];
  const add = (type: 'KNOWN' | 'UNKNOWN', { starts, ids }: Readings, word: number, at: number, end: number) => {
    const { dictionary } = type === 'KNOWN' ? token_info_dictionary : unknown_dictionary;
    const surface = text.slice(at, end);
    nodes[end] ??= [];
    for (let i = starts[word]!; i < starts[word + 1]!; i++) {
      const id = ids[i]!;
      const [left, right] = [dictionary.getShort(id), dictionary.getShort(id + 2)];
      nodes[end].push(nodeOf(type, id, at + 1, dictionary.getShort(id + 4), surface, left, right));
    }
  };
  for (let at = 0; at < text.length; at++) {
    const found = wordsAtStart(bc, text, at);
    for (let w = 0; w < found.length; w += 2) add('KNOWN', words, found[w]!, at, found[w + 1]!);
    const own = classes[at]!;
    if (found.length > 0 && own.is_always_invoke !== 1) continue;
    let end = at + 1;
    if (own.is_grouping === 1) while (end < text.length && classes[end]!.class_name === own.class_name) end++;
    add('UNKNOWN', runs, own.class_id, at, end);
  }
  const end = nodes.length;
  nodes.push([nodeOf('EOS', -1, end, 0, '')]);
  return { nodes_end_at: nodes, eos_pos: end };
}

function nodeOf(
  type: LatticeNode['type'],
  name: number,
  start: number,
  cost: number,
  surface: string,
  left = 0,
  right = 0,
): LatticeNode {
  return {
    name,
    cost,
    start_pos: start,
    length: surface.length,
    left_id: left,
    right_id: right,
    prev: null,
    surface_form: surface,
    shortest_cost: type === 'BOS' ? 0 : Number.MAX_VALUE,
    type,
  };
}

/**
 * The words of a double array that stand at a place of a text, shortest first.
 *
 * @param text - characters of one unit only.
 * @returns the word's number and one past its last unit, word after word.
 * @remarks O(longest word).
 * @see Aoe (1989), An efficient digital search algorithm by using a double-array structure, doi:10.1109/32.31365
 */
export function wordsAtStart(cells: DoubleArrayCells, text: string, at: number): number[] {
  const words: number[] = [];
  let node = 0;
  for (let end = at; end < text.length && node >= 0; ) {
    const c = text.charCodeAt(end++);
    if (c < 0x80) node = step(cells, node, c);
    else {
      if (c < 0x800) node = step(cells, node, 0xc0 | (c >> 6));
      else {
        node = step(cells, node, 0xe0 | (c >> 12));
        node = step(cells, node, 0x80 | ((c >> 6) & 0x3f));
      }
      node = step(cells, node, 0x80 | (c & 0x3f));
    }
    // Words end with a byte 0, whose cell holds the number as a negative.
    const leaf = step(cells, node, 0);
    if (leaf >= 0) words.push(-cells.getBase(leaf) - 1, end);
  }
  return words;
}

/** The child for a byte, or -1. */
function step(cells: DoubleArrayCells, node: number, byte: number): number {
  if (node < 0) return -1;
  const child = cells.getBase(node) + byte;
  return cells.getCheck(child) === node ? child : -1;
}
