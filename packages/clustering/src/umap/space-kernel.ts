import { type Code, type FunctionDefinition, f32x4, flow, i32, v128 } from '@matome/primitives/wasm';
import {
  clipped,
  drawRows,
  forEachFour,
  layoutKernel,
  pullForces,
  pushForces,
  sumLanes,
  type Variables,
} from './layout-kernel.js';

const four = [0, 1, 2, 3] as const;
const locals = {
  ...({ p0: 'i32', p1: 'i32', p2: 'i32', p3: 'i32', t: 'i32', target: 'i32' } as const),
  ...({ d0: 'v128', d1: 'v128', d2: 'v128', d3: 'v128', mine: 'v128', low: 'v128', high: 'v128' } as const),
};
type SpaceVariables = Variables<keyof typeof locals>;

/**
 * The layout kernel of any number of dimensions, padded with zeros to a multiple of four.
 *
 * The own point stands in the output from the start; `scratch` holds the sum of forces.
 */
export function spaceKernel(): FunctionDefinition {
  return layoutKernel({ name: 'step', locals, load, pull, push, store: () => [] });
}

/** Runs `body` for every four coordinates, `t` being their byte offset. */
function forEachCoordinate(v: SpaceVariables, body: Code): Code {
  return [
    ...v.t.set(i32.constant(0)),
    ...flow.loop([
      ...body,
      ...v.t.set(i32.add(v.t.get, i32.constant(16))),
      ...flow.branchIf(0, i32.ltU(v.t.get, v.width.get)),
    ]),
  ];
}

const mine = (v: SpaceVariables) => i32.add(v.target.get, v.t.get);
const sum = (v: SpaceVariables) => i32.add(v.scratch.get, v.t.get);
const difference = (v: SpaceVariables, r: 0 | 1 | 2 | 3) =>
  f32x4.sub(v.mine.get, v128.load(i32.add(v[`p${r}`].get, v.t.get)));

function load(v: SpaceVariables): Code {
  return [
    ...v.target.set(i32.add(v.write.get, i32.mul(v.from.get, v.width.get))),
    ...forEachCoordinate(v, v128.store(mine(v), v128.load(i32.add(v.own.get, v.t.get)))),
  ];
}

const clearSums = (v: SpaceVariables) => [
  ...v.sum.set(v128.zero),
  ...forEachCoordinate(v, v128.store(sum(v), v128.zero)),
];

/** Squared distances of the points at p0 to p3 from the own point. */
function squares(v: SpaceVariables): Code {
  const add = four.flatMap((r) => [
    ...v.low.set(difference(v, r)),
    ...v[`d${r}`].set(f32x4.add(v[`d${r}`].get, f32x4.mul(v.low.get, v.low.get))),
  ]);
  const join = (a: Code, b: Code) => f32x4.add(v128.shuffle(a, b, [0, 4, 2, 6]), v128.shuffle(a, b, [1, 5, 3, 7]));
  return [
    ...four.flatMap((r) => v[`d${r}`].set(v128.zero)),
    ...forEachCoordinate(v, [...v.mine.set(v128.load(mine(v))), ...add]),
    // Sums the lanes of four vectors into the four lanes of one.
    ...v.low.set(join(v.d0.get, v.d1.get)),
    ...v.high.set(join(v.d2.get, v.d3.get)),
    ...v.square.set(
      f32x4.add(v128.shuffle(v.low.get, v.high.get, [0, 1, 4, 5]), v128.shuffle(v.low.get, v.high.get, [2, 3, 6, 7])),
    ),
  ];
}

/** Adds the four forces along every axis to the sums. */
function addForces(v: SpaceVariables, shape: (force: Code) => Code): Code {
  const split = four.flatMap((r) => v[`d${r}`].set(v128.shuffle(v.force.get, v.force.get, [r, r, r, r])));
  const total = four
    .map((r) => shape(f32x4.mul(v[`d${r}`].get, difference(v, r))))
    .reduce((joined, force) => f32x4.add(joined, force));
  return [
    ...split,
    ...forEachCoordinate(v, [
      ...v.mine.set(v128.load(mine(v))),
      ...v128.store(sum(v), f32x4.add(v128.load(sum(v)), total)),
    ]),
  ];
}

function pull(v: SpaceVariables): Code {
  const group = [
    ...four.flatMap((r) => v[`p${r}`].set(i32.load(v.at.get, 4 * r))),
    ...squares(v),
    ...pullForces(v),
    ...v.sum.set(f32x4.add(v.sum.get, v.force.get)),
    ...addForces(v, (force) => force),
    ...v.at.set(i32.add(v.at.get, i32.constant(16))),
  ];
  return [
    ...clearSums(v),
    ...forEachFour(v, v.chunk.get, group),
    ...sumLanes(v.sum),
    ...v.sum.set(f32x4.add(f32x4.constant(1), v.sum.get)),
    ...forEachCoordinate(
      v,
      v128.store(mine(v), f32x4.sub(v128.load(mine(v)), f32x4.div(v128.load(sum(v)), v.sum.get))),
    ),
  ];
}

function push(v: SpaceVariables): Code {
  const group = [
    ...drawRows(v, (first, second, half) => [
      ...v[half === 0 ? 'p0' : 'p2'].set(first),
      ...v[half === 0 ? 'p1' : 'p3'].set(second),
    ]),
    ...squares(v),
    ...pushForces(v),
    ...addForces(v, clipped),
  ];
  return [
    ...clearSums(v),
    ...forEachFour(v, i32.mul(v.negatives.get, v.chunk.get), group),
    ...forEachCoordinate(
      v,
      v128.store(mine(v), f32x4.add(v128.load(mine(v)), f32x4.mul(f32x4.splat(v.rate.get), v128.load(sum(v))))),
    ),
  ];
}
