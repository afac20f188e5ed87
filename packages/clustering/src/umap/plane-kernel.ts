import { type Code, type FunctionDefinition, f32, f32x4, i32, v128 } from '@matome/primitives/wasm';
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

const locals = {
  x: 'v128',
  y: 'v128',
  dx: 'v128',
  dy: 'v128',
  sumX: 'v128',
  sumY: 'v128',
  pair: 'v128',
  other: 'v128',
} as const;
type PlaneVariables = Variables<keyof typeof locals>;

/** The layout kernel of two dimensions: the own point stays in registers, four others are compared at once. */
export function planeKernel(): FunctionDefinition {
  return layoutKernel({ name: 'step', locals, load, pull, push, store });
}

function load(v: PlaneVariables): Code {
  return [...v.x.set(v128.load32Splat(v.own.get)), ...v.y.set(v128.load32Splat(v.own.get, 4))];
}

function store(v: PlaneVariables): Code {
  const address = i32.add(v.write.get, i32.mul(v.from.get, v.width.get));
  return [...f32.store(address, f32x4.lane(v.x.get, 0)), ...f32.store(address, f32x4.lane(v.y.get, 0), 4)];
}

const clearSums = (v: PlaneVariables) => [v.sumX, v.sumY, v.sum].flatMap((variable) => variable.set(v128.zero));

const twoPoints = (first: Code, second: Code) => v128.load64Lane(second, v128.load64Zero(first), 1);

/** From two points each in `pair` and `other`: differences and squared distances from the own point. */
function differences(v: PlaneVariables): Code {
  return [
    ...v.dx.set(f32x4.sub(v.x.get, v128.shuffle(v.pair.get, v.other.get, [0, 2, 4, 6]))),
    ...v.dy.set(f32x4.sub(v.y.get, v128.shuffle(v.pair.get, v.other.get, [1, 3, 5, 7]))),
    ...v.square.set(f32x4.add(f32x4.mul(v.dx.get, v.dx.get), f32x4.mul(v.dy.get, v.dy.get))),
  ];
}

function pull(v: PlaneVariables): Code {
  const slot = (index: number) => i32.load(v.at.get, 4 * index);
  const group = [
    ...v.pair.set(twoPoints(slot(0), slot(1))),
    ...v.other.set(twoPoints(slot(2), slot(3))),
    ...differences(v),
    ...pullForces(v),
    ...v.sumX.set(f32x4.add(v.sumX.get, f32x4.mul(v.force.get, v.dx.get))),
    ...v.sumY.set(f32x4.add(v.sumY.get, f32x4.mul(v.force.get, v.dy.get))),
    ...v.sum.set(f32x4.add(v.sum.get, v.force.get)),
    ...v.at.set(i32.add(v.at.get, i32.constant(16))),
  ];
  return [
    ...clearSums(v),
    ...forEachFour(v, v.chunk.get, group),
    ...[v.sumX, v.sumY, v.sum].flatMap(sumLanes),
    // An implicit step: a plain one would throw the point beyond its neighbours while the learning rate is high.
    ...v.sum.set(f32x4.add(f32x4.constant(1), v.sum.get)),
    ...v.x.set(f32x4.sub(v.x.get, f32x4.div(v.sumX.get, v.sum.get))),
    ...v.y.set(f32x4.sub(v.y.get, f32x4.div(v.sumY.get, v.sum.get))),
  ];
}

function push(v: PlaneVariables): Code {
  const group = [
    ...drawRows(v, (first, second, half) => v[half === 0 ? 'pair' : 'other'].set(twoPoints(first, second))),
    ...differences(v),
    ...pushForces(v),
    ...v.sumX.set(f32x4.add(v.sumX.get, clipped(f32x4.mul(v.force.get, v.dx.get)))),
    ...v.sumY.set(f32x4.add(v.sumY.get, clipped(f32x4.mul(v.force.get, v.dy.get)))),
  ];
  return [
    ...clearSums(v),
    ...forEachFour(v, i32.mul(v.negatives.get, v.chunk.get), group),
    ...[v.sumX, v.sumY].flatMap(sumLanes),
    ...v.x.set(f32x4.add(v.x.get, f32x4.mul(f32x4.splat(v.rate.get), v.sumX.get))),
    ...v.y.set(f32x4.add(v.y.get, f32x4.mul(f32x4.splat(v.rate.get), v.sumY.get))),
  ];
}
