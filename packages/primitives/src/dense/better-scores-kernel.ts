import {
  compileOnce,
  createMemory,
  defineFunction,
  encodeModule,
  f32x4,
  flow,
  i32,
  i32x4,
  instantiate,
  v128,
} from '../wasm/index.js';

/** Finds scores worth a look in a block that a product was written into. */
export interface BetterScoresKernel {
  /** The block, row by row. */
  readonly scores: Float32Array;
  /** One limit a row of the whole matrix. */
  readonly limits: Float32Array;
  /** What `find` found: places relative to its start, in bytes. */
  readonly found: Int32Array;
  /**
   * Compares stretches of scores and limits, four at a time.
   *
   * @param score - place of the first score in the block.
   * @param limit - place of the first limit.
   * @param length - number of scores; up to three more may be compared.
   * @param own - a limit for all of them.
   * @returns how many pass their own limit or `own`.
   */
  find(score: number, limit: number, length: number, own: number): number;
}

const lanes = [0, 1, 2, 3];

function findFunction() {
  const params = { scores: 'i32', limits: 'i32', length: 'i32', found: 'i32', own: 'f32' } as const;
  const locals = { index: 'i32', out: 'i32', bits: 'i32', x: 'v128', owns: 'v128' } as const;
  return defineFunction(
    'find',
    params,
    locals,
    ({ scores, limits, length, found, own, index, out, bits, x, owns }) => {
      const at = (base: typeof scores) => v128.load(i32.add(base.get, index.get));
      const below = v128.and(f32x4.le(x.get, at(limits)), f32x4.le(x.get, owns.get));
      // Every lane is written; the end moves on past those that count.
      const note = lanes.flatMap((lane) => [
        ...i32.store(out.get, i32.add(index.get, i32.constant(4 * lane))),
        ...out.set(
          i32.add(out.get, i32.shl(i32.and(i32.shrU(bits.get, i32.constant(lane)), i32.constant(1)), i32.constant(2))),
        ),
      ]);
      return [
        ...owns.set(f32x4.splat(own.get)),
        ...out.set(found.get),
        ...flow.loop([
          ...x.set(at(scores)),
          ...bits.set(i32.xor(i32x4.mask(below), i32.constant(15))),
          ...flow.if(bits.get, note),
          ...index.set(i32.add(index.get, i32.constant(16))),
          ...flow.branchIf(0, i32.ltU(index.get, length.get)),
        ]),
        ...i32.shrU(i32.sub(out.get, found.get), i32.constant(2)),
      ];
    },
    'i32',
  );
}

const encodeKernel = () => encodeModule([findFunction()]);

/** What is read and written past the end: a vector of four. */
const spare = 4;

/**
 * @param rows - of the whole matrix.
 * @param block - most scores of a block.
 * @param stretch - most scores of a call.
 */
export function createBetterScoresKernel(rows: number, block: number, stretch: number): BetterScoresKernel {
  const sizes = [block + spare, rows + spare, stretch + 2 * spare];
  const [scoresAt, limitsAt, foundAt] = sizes.map((_, i) => 4 * sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
  const memory = createMemory(4 * sizes.reduce((sum, size) => sum + size, 0));
  const { find } = instantiate<{
    find(scores: number, limits: number, length: number, found: number, own: number): number;
  }>(compileOnce(encodeKernel), memory);
  return {
    scores: new Float32Array(memory.buffer, scoresAt, block),
    limits: new Float32Array(memory.buffer, limitsAt, rows),
    found: new Int32Array(memory.buffer, foundAt, stretch + 2 * spare),
    find: (score, limit, length, own) => find(scoresAt! + 4 * score, limitsAt! + 4 * limit, 4 * length, foundAt!, own),
  };
}
