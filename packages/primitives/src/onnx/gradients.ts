import type { GraphValue } from './graph.js';
import { add } from './operators/index.js';

/**
 * Adds the backward pass of a scalar loss to its graph (reverse-mode differentiation).
 *
 * @param loss - a float32 scalar.
 * @param targets - the values to differentiate by.
 * @returns one gradient per target, of the target's shape.
 * @throws RangeError if the loss is not a scalar or does not depend on a target through differentiable operators.
 * @remarks Adds at most a few nodes per forward node; nothing that leads to no target is differentiated.
 * @see Baydin et al. (2018), Automatic differentiation in machine learning: a survey, JMLR 18
 * @example
 * const graph = new Graph();
 * const w = graph.parameter('w', [2], new Float32Array([3, 4]));
 * gradients(reduceSum(multiply(w, w)), [w])[0]!.shape // => [2]
 */
export function gradients(loss: GraphValue, targets: readonly GraphValue[]): GraphValue[] {
  if (loss.shape.length > 0) {
    throw new RangeError(`The loss of gradients must be a scalar. Got the shape [${loss.shape.join(', ')}].`);
  }
  const needed = valuesBetween(loss, new Set(targets));
  const collected = new Map<GraphValue, GraphValue>([[loss, loss.graph.scalar(1)]]);
  // A value is made after its parents, so the reverse of that order visits every use of a value before the value.
  for (const value of [...needed].sort((a, b) => b.order - a.order)) {
    const gradient = collected.get(value);
    const { derivation } = value;
    if (!gradient || !derivation) continue;
    const wanted = derivation.parents.map((parent) => needed.has(parent));
    derivation.backward(gradient, wanted).forEach((part, i) => {
      const parent = derivation.parents[i]!;
      if (!part || !wanted[i]) return;
      const known = collected.get(parent);
      collected.set(parent, known ? add(known, part) : part);
    });
  }
  return targets.map((target) => {
    const gradient = collected.get(target);
    if (!gradient) throw new RangeError(`The loss does not depend on ${target.name} through differentiable operators.`);
    return gradient;
  });
}

/** Values on a differentiable path from a target to the loss, both ends included. */
function valuesBetween(loss: GraphValue, targets: ReadonlySet<GraphValue>): Set<GraphValue> {
  const leads = new Map<GraphValue, boolean>();
  const stack: GraphValue[] = [loss];
  while (stack.length > 0) {
    const value = stack.at(-1)!;
    const parents = value.derivation?.parents ?? [];
    const open = parents.filter((parent) => !leads.has(parent));
    if (open.length > 0) {
      stack.push(...open);
      continue;
    }
    stack.pop();
    leads.set(value, targets.has(value) || parents.some((parent) => leads.get(parent)));
  }
  return new Set([...leads].filter(([, leading]) => leading).map(([value]) => value));
}
