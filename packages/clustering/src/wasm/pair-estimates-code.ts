import {
  type Code,
  defineFunction,
  encodeModule,
  f32x4,
  f64x2,
  flow,
  i16x8,
  i32,
  i32x4,
  type Local,
  v128,
} from '@matome/primitives/wasm';

/** Points that stand beside each other, eight coordinates of each at a time. */
export const groupPoints = 4;
/** Coordinates of a point that are read at once. */
export const chunkColumns = 8;
/** Points of a panel: rows and columns of a tile, one bit of a mask each. */
export const panelPoints = 32;
/** An estimate is half a squared distance without its low bits. */
export const droppedBits = 14;

const chunkBytes = groupPoints * chunkColumns * 2;
const columns = [0, 1, 2, 3] as const;
const rows = [0, 1] as const;
const vectors = [0, 1, 2, 3] as const;

const advance = (local: Local, bytes: number): Code => local.set(i32.add(local.get, i32.constant(bytes)));
const advanceBy = (local: Local, bytes: Code): Code => local.set(i32.add(local.get, bytes));
const upperHalf = (vector: Code) => v128.shuffle(vector, vector, [2, 3, 2, 3]);
const names = <K extends string>(keys: readonly K[]) =>
  Object.fromEntries(keys.map((key) => [key, 'v128'])) as Record<K, 'v128'>;

/**
 * `lengths(row, end, rowBytes, other, step, out)`: squared lengths of rows less another one, in float64; the other one
 * moves on by `step`.
 */
function lengthsFunction() {
  const params = { row: 'i32', end: 'i32', rowBytes: 'i32', other: 'i32', step: 'i32', out: 'i32' } as const;
  const locals = { rowEnd: 'i32', at: 'i32', low: 'v128', high: 'v128', ...names(['value', 'sum', 'rest']) } as const;
  return defineFunction('lengths', params, locals, (v) =>
    flow.loop([
      ...v.rowEnd.set(i32.add(v.row.get, v.rowBytes.get)),
      ...v.at.set(v.other.get),
      ...v.sum.set(v128.zero),
      ...v.rest.set(v128.zero),
      ...flow.loop([
        ...v.value.set(f32x4.sub(v128.load(v.row.get), v128.load(v.at.get))),
        ...v.low.set(f64x2.promoteLow(v.value.get)),
        ...v.high.set(f64x2.promoteLow(upperHalf(v.value.get))),
        ...v.sum.set(f64x2.add(v.sum.get, f64x2.mul(v.low.get, v.low.get))),
        ...v.rest.set(f64x2.add(v.rest.get, f64x2.mul(v.high.get, v.high.get))),
        ...advance(v.row, 16),
        ...advance(v.at, 16),
        ...flow.branchIf(0, i32.ltU(v.row.get, v.rowEnd.get)),
      ]),
      ...v.sum.set(f64x2.add(v.sum.get, v.rest.get)),
      ...v128.store64Lane(v.out.get, f64x2.add(v.sum.get, upperHalf(v.sum.get)), 0),
      ...advance(v.out, 8),
      ...advanceBy(v.other, v.step.get),
      ...flow.branchIf(0, i32.ltU(v.row.get, v.end.get)),
    ]),
  );
}

/**
 * `pack(row, end, rowBytes, to, group, centre, scale, sums)`: rows as integers; for each the sums of their squares and of
 * those of what rounding took, four lanes of either.
 */
function packFunction() {
  const params = {
    ...({ row: 'i32', end: 'i32', rowBytes: 'i32', to: 'i32', group: 'i32' } as const),
    ...({ centre: 'i32', scale: 'f32', sums: 'i32' } as const),
  };
  const locals = {
    ...({ rowEnd: 'i32', at: 'i32', target: 'i32', lane: 'i32' } as const),
    ...names(['factor', 'words', 'squares', 'lost', 'a', 'b', 'c', 'd']),
  };
  return defineFunction('pack', params, locals, (v) => {
    const scaled = (offset: number) =>
      f32x4.mul(f32x4.sub(v128.load(v.row.get, offset), v128.load(v.at.get, offset)), v.factor.get);
    const squareOf = (difference: Local) => f32x4.mul(difference.get, difference.get);
    const chunk = [
      ...v.a.set(scaled(0)),
      ...v.b.set(scaled(16)),
      ...v.c.set(f32x4.nearest(v.a.get)),
      ...v.d.set(f32x4.nearest(v.b.get)),
      ...v.words.set(i16x8.narrowSigned(f32x4.toInteger(v.c.get), f32x4.toInteger(v.d.get))),
      ...v128.store(v.target.get, v.words.get),
      ...v.squares.set(i32x4.add(v.squares.get, i32x4.dotPairs(v.words.get, v.words.get))),
      ...v.a.set(f32x4.sub(v.a.get, v.c.get)),
      ...v.b.set(f32x4.sub(v.b.get, v.d.get)),
      ...v.lost.set(f32x4.add(v.lost.get, f32x4.add(squareOf(v.a), squareOf(v.b)))),
      ...advance(v.row, chunkColumns * 4),
      ...advance(v.at, chunkColumns * 4),
      ...advance(v.target, chunkBytes),
      ...flow.branchIf(0, i32.ltU(v.row.get, v.rowEnd.get)),
    ];
    return [
      ...v.factor.set(f32x4.splat(v.scale.get)),
      ...flow.loop([
        ...v.rowEnd.set(i32.add(v.row.get, v.rowBytes.get)),
        ...v.at.set(v.centre.get),
        ...v.target.set(i32.add(v.to.get, v.lane.get)),
        ...v.squares.set(v128.zero),
        ...v.lost.set(v128.zero),
        ...flow.loop(chunk),
        ...v128.store(v.sums.get, v.squares.get),
        ...v128.store(v.sums.get, v.lost.get, 16),
        ...advance(v.sums, 32),
        ...v.lane.set(i32.and(i32.add(v.lane.get, i32.constant(16)), i32.constant(chunkBytes - 1))),
        ...flow.if(i32.eqz(v.lane.get), advanceBy(v.to, v.group.get)),
        ...flow.branchIf(0, i32.ltU(v.row.get, v.end.get)),
      ]),
    ];
  });
}

/**
 * `tiles(a, b, end, panel, group, shiftsA, shiftsB, out, across, stride)`: estimates of the pairs of panel `a` with each
 * panel `b .. end`, by row to `out` and by column to `across`.
 *
 * Two points are multiplied with four: their eight sums, what is read and a product fit the registers, and one step of the
 * innermost loop holds no more reads than that (engines move reads to the start of a loop).
 */
function tilesFunction() {
  const params = {
    ...({ a: 'i32', b: 'i32', end: 'i32', panel: 'i32', group: 'i32' } as const),
    ...({ shiftsA: 'i32', shiftsB: 'i32', out: 'i32', across: 'i32', stride: 'i32' } as const),
  };
  const locals = {
    ...({ own: 'i32', ownEnd: 'i32', half: 'i32', ownShifts: 'i32', line: 'i32', column: 'i32', next: 'i32' } as const),
    ...({ p: 'i32', q: 'i32', groupEnd: 'i32', shifts: 'i32', target: 'i32', turned: 'i32' } as const),
    ...names(rows.flatMap((r) => columns.map((c) => `sum${r}${c}` as const))),
    ...names(['own0', 'own1', 'left0', 'left1', 'right0', 'right1', 'right2', 'right3']),
  };
  return defineFunction('tiles', params, locals, (v) => {
    const step = [
      ...columns.flatMap((c) => v[`right${c}`].set(v128.load(v.q.get, c * 16))),
      ...rows.flatMap((r) => v[`left${r}`].set(v128.load(v.p.get, r * 16))),
      ...rows.flatMap((r) =>
        columns.flatMap((c) => {
          const sum = v[`sum${r}${c}`];
          return sum.set(i32x4.add(sum.get, i32x4.dotPairs(v[`left${r}`].get, v[`right${c}`].get)));
        }),
      ),
      ...advance(v.p, chunkBytes),
      ...advance(v.q, chunkBytes),
      ...flow.branchIf(0, i32.ltU(v.q.get, v.groupEnd.get)),
    ];
    // Adds up the lanes of four sums: first of two and two, then of all.
    const pairs = (a: Local, b: Local) =>
      i32x4.add(v128.shuffle(a.get, b.get, [0, 4, 1, 5]), v128.shuffle(a.get, b.get, [2, 6, 3, 7]));
    const fours = (a: Local, b: Local) =>
      i32x4.add(v128.shuffle(a.get, b.get, [0, 1, 4, 5]), v128.shuffle(a.get, b.get, [2, 3, 6, 7]));
    const estimates = rows.flatMap((r) => [
      ...v.right0.set(pairs(v[`sum${r}0`], v[`sum${r}1`])),
      ...v.right1.set(pairs(v[`sum${r}2`], v[`sum${r}3`])),
      ...v[`left${r}`].set(
        i32x4.shrS(
          i32x4.add(v[`own${r}`].get, i32x4.sub(v128.load(v.shifts.get), fours(v.right0, v.right1))),
          droppedBits,
        ),
      ),
    ]);
    const block = [
      ...rows.flatMap((r) => columns.flatMap((c) => v[`sum${r}${c}`].set(v128.zero))),
      ...v.p.set(i32.add(v.own.get, v.half.get)),
      ...v.groupEnd.set(i32.add(v.q.get, v.group.get)),
      ...flow.loop(step),
      ...estimates,
      ...v.left0.set(i16x8.narrowUnsigned(v.left0.get, v.left1.get)),
      ...v128.store64Lane(v.target.get, v.left0.get, 0),
      ...v128.store64Lane(i32.add(v.target.get, v.stride.get), v.left0.get, 1),
      ...v.left0.set(i16x8.interleaveLow(v.left0.get, v128.shuffle(v.left0.get, v.left0.get, [2, 3, 2, 3]))),
      ...columns.flatMap((c) => [
        ...v128.store32Lane(v.turned.get, v.left0.get, c),
        ...advanceBy(v.turned, v.stride.get),
      ]),
      ...advance(v.target, groupPoints * 2),
      ...advance(v.shifts, groupPoints * 4),
      ...flow.branchIf(0, i32.ltU(v.q.get, v.next.get)),
    ];
    const twoRows = [
      ...rows.flatMap((r) => v[`own${r}`].set(v128.load32Splat(v.ownShifts.get, r * 4))),
      ...v.q.set(v.b.get),
      ...v.shifts.set(v.shiftsB.get),
      ...v.target.set(v.line.get),
      ...v.turned.set(v.column.get),
      ...flow.loop(block),
      ...advance(v.ownShifts, 8),
      ...advance(v.column, 4),
      ...advanceBy(v.line, i32.add(v.stride.get, v.stride.get)),
      ...flow.branchIf(0, v.half.tee(i32.xor(v.half.get, i32.constant(chunkBytes / 2)))),
    ];
    const tile = [
      ...v.own.set(v.a.get),
      ...v.ownShifts.set(v.shiftsA.get),
      ...v.line.set(v.out.get),
      ...v.column.set(v.across.get),
      ...v.next.set(i32.add(v.b.get, v.panel.get)),
      ...flow.loop([
        ...flow.loop(twoRows),
        ...advanceBy(v.own, v.group.get),
        ...flow.branchIf(0, i32.ltU(v.own.get, v.ownEnd.get)),
      ]),
      ...v.b.set(v.next.get),
      ...advance(v.shiftsB, panelPoints * 4),
      ...advance(v.out, panelPoints * 2),
      ...advanceBy(v.across, i32.mul(v.stride.get, i32.constant(panelPoints))),
      ...flow.branchIf(0, i32.ltU(v.b.get, v.end.get)),
    ];
    return [...v.ownEnd.set(i32.add(v.a.get, v.panel.get)), ...flow.loop(tile)];
  });
}

/**
 * `least(row, end, stride, chunk, out)`: of rows of estimates, the least of each lane of the panels in every `chunk` bytes
 * of a row; what is left at its end is a chunk as well.
 */
function leastFunction() {
  const params = { row: 'i32', end: 'i32', stride: 'i32', chunk: 'i32', out: 'i32' } as const;
  const locals = { rowEnd: 'i32', chunkEnd: 'i32', ...names(['least0', 'least1', 'least2', 'least3']) } as const;
  return defineFunction('least', params, locals, (v) => {
    const chunk = [
      ...v.chunkEnd.set(i32.add(v.row.get, v.chunk.get)),
      ...v.chunkEnd.set(i32.select(v.chunkEnd.get, v.rowEnd.get, i32.ltU(v.chunkEnd.get, v.rowEnd.get))),
      ...vectors.flatMap((i) => v[`least${i}`].set(i32x4.constant([-1, -1, -1, -1]))),
      ...flow.loop([
        ...vectors.flatMap((i) => v[`least${i}`].set(i16x8.minU(v[`least${i}`].get, v128.load(v.row.get, i * 16)))),
        ...advance(v.row, panelPoints * 2),
        ...flow.branchIf(0, i32.ltU(v.row.get, v.chunkEnd.get)),
      ]),
      ...vectors.flatMap((i) => v128.store(v.out.get, v[`least${i}`].get, i * 16)),
      ...advance(v.out, panelPoints * 2),
      ...flow.branchIf(0, i32.ltU(v.row.get, v.rowEnd.get)),
    ];
    return flow.loop([
      ...v.rowEnd.set(i32.add(v.row.get, v.stride.get)),
      ...flow.loop(chunk),
      ...flow.branchIf(0, i32.ltU(v.row.get, v.end.get)),
    ]);
  });
}

/** Masks of the estimates of a panel that are at most the limits. */
function panelMask(row: Local, limit: (i: number) => Code): Code {
  const within = (i: number) => i16x8.leU(v128.load(row.get, i * 16), limit(i));
  const high = i16x8.joinedMask(within(2), within(3));
  return i32.or(i16x8.joinedMask(within(0), within(1)), i32.shl(high, i32.constant(16)));
}

/** `within(row, end, limits, masks)`: one bit for each estimate of a row that is at most the limit of its column. */
function withinFunction() {
  const params = { row: 'i32', end: 'i32', limits: 'i32', masks: 'i32' } as const;
  return defineFunction('within', params, {}, (v) =>
    flow.loop([
      ...i32.store(
        v.masks.get,
        panelMask(v.row, (i) => v128.load(v.limits.get, i * 16)),
      ),
      ...advance(v.row, panelPoints * 2),
      ...advance(v.limits, panelPoints * 2),
      ...advance(v.masks, 4),
      ...flow.branchIf(0, i32.ltU(v.row.get, v.end.get)),
    ]),
  );
}

/** `withinEach(row, end, stride, limits, masks)`: one bit for each estimate of rows that is at most the limit of its row. */
function withinEachFunction() {
  const params = { row: 'i32', end: 'i32', stride: 'i32', limits: 'i32', masks: 'i32' } as const;
  return defineFunction('withinEach', params, { rowEnd: 'i32', limit: 'v128' }, (v) =>
    flow.loop([
      ...v.rowEnd.set(i32.add(v.row.get, v.stride.get)),
      ...v.limit.set(v128.load16Splat(v.limits.get)),
      ...flow.loop([
        ...i32.store(
          v.masks.get,
          panelMask(v.row, () => v.limit.get),
        ),
        ...advance(v.row, panelPoints * 2),
        ...advance(v.masks, 4),
        ...flow.branchIf(0, i32.ltU(v.row.get, v.rowEnd.get)),
      ]),
      ...advance(v.limits, 2),
      ...flow.branchIf(0, i32.ltU(v.row.get, v.end.get)),
    ]),
  );
}

/**
 * Code of `PairEstimates`: products of 16-bit integers, eight coordinates an instruction, and scans of what came out.
 *
 * Groups of four points stand together: eight coordinates of the first, of the second and so on, then the next eight.
 */
export function encodePairEstimates(): Uint8Array<ArrayBuffer> {
  const scans = [leastFunction(), withinFunction(), withinEachFunction()];
  return encodeModule([lengthsFunction(), packFunction(), tilesFunction(), ...scans]);
}
