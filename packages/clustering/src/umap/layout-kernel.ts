import {
  type Code,
  defineFunction,
  type FunctionDefinition,
  f32,
  f32x4,
  flow,
  i32,
  i32x4,
  type Local,
  type ValueType,
  v128,
} from '@matome/primitives/wasm';
import { powerOf, seedRandom, stepRandom } from './layout-math.js';

/** Longest step of one push along one axis, before the learning rate. */
export const longestPush = 4;
/** Keeps the pull between coinciding points finite; their difference makes it zero. */
const leastSquare = 1e-12;
/** Neighbours whose pulls make one step: bounds how far the pushes of a hub can carry it. */
const longestChunk = 8;

/** Parameters of the layout kernels; addresses in bytes. */
const parameters = {
  /** Rows `from .. to`. */
  from: 'i32',
  to: 'i32',
  /** Bytes of a position, and positions of all rows before the step and after it. */
  width: 'i32',
  read: 'i32',
  write: 'i32',
  /** Edges of row i: `starts[i] .. starts[i + 1]`. */
  starts: 'i32',
  targets: 'i32',
  /** Epochs between two uses of an edge, and the epoch of its next use. */
  periods: 'i32',
  next: 'i32',
  /** Room for one position, then for the addresses of the longest row and three more. */
  scratch: 'i32',
  /** Random rows are drawn from the first so many. */
  rows: 'i32',
  negatives: 'i32',
  seed: 'i32',
  epoch: 'f32',
  a: 'f32',
  b: 'f32',
  /** 2ab times the learning rate times the ends of an edge that pull. */
  pull: 'f32',
  /** 2b times the strength of repulsion, and the learning rate. */
  push: 'f32',
  rate: 'f32',
} as const;

const locals = {
  ...({ own: 'i32', edge: 'i32', end: 'i32', last: 'i32', at: 'i32', chunk: 'i32', left: 'i32' } as const),
  ...({ square: 'v128', power: 'v128', force: 'v128', sum: 'v128', random: 'v128', wide: 'v128' } as const),
  ...({ exponent: 'v128', fraction: 'v128', va: 'v128', vb: 'v128' } as const),
};

/** The variables that all layout kernels have. */
export type LayoutVariables = Readonly<Record<keyof typeof parameters | keyof typeof locals, Local>>;

/** What differs between kernels of different dimensions. */
export interface LayoutStages<Name extends string> {
  readonly name: string;
  /** Further local variables. */
  readonly locals: Readonly<Record<Name, ValueType>>;
  /** Takes the position of row `from`. */
  load(v: Variables<Name>): Code;
  /** Moves the own point by the pulls of the next `chunk` addresses from `at` on, and `at` behind them. */
  pull(v: Variables<Name>): Code;
  /** Moves the own point away from `negatives` random rows for each of the `chunk` neighbours. */
  push(v: Variables<Name>): Code;
  /** Writes the own position. */
  store(v: Variables<Name>): Code;
}

export type Variables<Name extends string> = LayoutVariables & Readonly<Record<Name, Local>>;

/**
 * One epoch of the rows `from .. to`, four neighbours at a time.
 *
 * Reads the positions before the step and writes only the own rows, so any split of the rows over threads gives the same
 * bits.
 *
 * @see McInnes, Healy, Melville (2018), UMAP, section 3.2 and appendix C, arXiv:1802.03426
 */
export function layoutKernel<Name extends string>(stages: LayoutStages<Name>): FunctionDefinition {
  return defineFunction(stages.name, parameters, { ...locals, ...stages.locals }, (variables) => {
    const v = variables as unknown as Variables<Name>;
    const chunks = flow.loop([
      ...v.chunk.set(chunkSize(v)),
      ...stages.pull(v),
      ...flow.if(v.negatives.get, stages.push(v)),
      ...flow.branchIf(0, i32.ltU(v.at.get, v.last.get)),
    ]);
    const addresses = i32.add(v.scratch.get, v.width.get);
    const forces = [
      // Unused slots of the last group of four hold the own point, a valid address.
      ...[0, 4, 8].flatMap((offset) => i32.store(v.last.get, v.own.get, offset)),
      ...seedRandom(v.random, v.from.get, v.seed.get),
      ...v.at.set(addresses),
      ...chunks,
    ];
    const row = [
      ...v.own.set(i32.add(v.read.get, i32.mul(v.from.get, v.width.get))),
      ...stages.load(v),
      ...v.last.set(addresses),
      ...collectDueEdges(v),
      ...flow.if(i32.ltU(addresses, v.last.get), forces),
      ...stages.store(v),
      ...v.from.set(i32.add(v.from.get, i32.constant(1))),
      ...flow.branchIf(0, i32.ltU(v.from.get, v.to.get)),
    ];
    return [
      ...v.va.set(f32x4.splat(v.a.get)),
      ...v.vb.set(f32x4.splat(v.b.get)),
      ...flow.if(i32.ltU(v.from.get, v.to.get), flow.loop(row)),
    ];
  });
}

/** Writes the addresses of the neighbours whose edges are due to `last` and moves it behind them. */
function collectDueEdges(v: LayoutVariables): Code {
  const entry = i32.add(v.starts.get, i32.shl(v.from.get, i32.constant(2)));
  const next = i32.add(v.next.get, v.edge.get);
  const target = i32.load(i32.add(v.targets.get, v.edge.get));
  const use = [
    ...f32.store(next, f32.add(f32.load(next), f32.load(i32.add(v.periods.get, v.edge.get)))),
    ...i32.store(v.last.get, i32.add(v.read.get, i32.mul(target, v.width.get))),
    ...v.last.set(i32.add(v.last.get, i32.constant(4))),
  ];
  const edges = flow.loop([
    ...flow.if(f32.le(f32.load(next), v.epoch.get), use),
    ...v.edge.set(i32.add(v.edge.get, i32.constant(4))),
    ...flow.branchIf(0, i32.ltU(v.edge.get, v.end.get)),
  ]);
  return [
    ...v.edge.set(i32.shl(i32.load(entry), i32.constant(2))),
    ...v.end.set(i32.shl(i32.load(entry, 4), i32.constant(2))),
    ...flow.if(i32.ltU(v.edge.get, v.end.get), edges),
  ];
}

/** Number of collected neighbours to take at once: a whole chunk, or what is left. */
function chunkSize(v: LayoutVariables): Code {
  const left = i32.shrU(i32.sub(v.last.get, v.at.get), i32.constant(2));
  return i32.select(i32.constant(longestChunk), left, i32.ltU(i32.constant(longestChunk), left));
}

/** Puts the sum of the four lanes into each of them. */
export function sumLanes(vector: Local): Code {
  return [
    ...vector.set(f32x4.add(vector.get, v128.shuffle(vector.get, vector.get, [2, 3, 0, 1]))),
    ...vector.set(f32x4.add(vector.get, v128.shuffle(vector.get, vector.get, [1, 0, 3, 2]))),
  ];
}

/** Lanes of the group that count: the first `left` of the four. */
function usedLanes(v: LayoutVariables): Code {
  return i32x4.ltS(i32x4.constant([0, 1, 2, 3]), i32x4.splat(v.left.get));
}

/** Runs `group` for every four of `count`. */
export function forEachFour(v: LayoutVariables, count: Code, group: Code): Code {
  return [
    ...v.left.set(count),
    ...flow.loop([
      ...group,
      ...v.left.set(i32.sub(v.left.get, i32.constant(4))),
      ...flow.branchIf(0, i32.ltS(i32.constant(0), v.left.get)),
    ]),
  ];
}

/** From four squared distances in `square`: how strongly each neighbour pulls. */
export function pullForces(v: LayoutVariables): Code {
  const below = f32x4.mul(v.square.get, f32x4.add(f32x4.constant(1), f32x4.mul(v.va.get, v.power.get)));
  const strength = f32x4.div(f32x4.mul(f32x4.splat(v.pull.get), v.power.get), below);
  return [...squaredPower(v), ...v.force.set(v128.and(strength, usedLanes(v)))];
}

/** From four squared distances in `square`: how strongly each random row pushes. */
export function pushForces(v: LayoutVariables): Code {
  const below = f32x4.mul(
    f32x4.add(f32x4.constant(0.001), v.square.get),
    f32x4.add(f32x4.constant(1), f32x4.mul(v.va.get, v.power.get)),
  );
  return [...squaredPower(v), ...v.force.set(v128.and(f32x4.div(f32x4.splat(v.push.get), below), usedLanes(v)))];
}

function squaredPower(v: LayoutVariables): Code {
  return [
    ...v.square.set(f32x4.max(v.square.get, f32x4.constant(leastSquare))),
    ...v.power.set(powerOf(v.square, v.vb.get, v)),
  ];
}

/**
 * Draws four random rows and hands their addresses on, two at a time.
 *
 * The high halves of random · rows are even draws from [0, rows).
 */
export function drawRows(v: LayoutVariables, use: (first: Code, second: Code, half: 0 | 1) => Code): Code {
  const rows = i32x4.splat(v.rows.get);
  const address = (lane: number) => i32.add(v.read.get, i32.mul(i32x4.lane(v.wide.get, lane), v.width.get));
  return [
    ...stepRandom(v.random),
    ...v.wide.set(i32x4.wideLow(v.random.get, rows)),
    ...use(address(1), address(3), 0),
    ...v.wide.set(i32x4.wideHigh(v.random.get, rows)),
    ...use(address(1), address(3), 1),
  ];
}

/** A force along one axis, no longer than a push may be. */
export function clipped(force: Code): Code {
  return f32x4.min(f32x4.max(force, f32x4.constant(-longestPush)), f32x4.constant(longestPush));
}
