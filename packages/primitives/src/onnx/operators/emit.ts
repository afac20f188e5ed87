import { type AttributeValue, type GraphValue, withGradient } from '../graph.js';
import type { Shape } from '../tensor-types.js';

/** Adds a node with one output, of the type of its first input unless said otherwise. */
export function emit(
  op: string,
  inputs: readonly (GraphValue | undefined)[],
  shape: Shape,
  attributes: Readonly<Record<string, AttributeValue>> = {},
  type = inputs[0]!.type,
): GraphValue {
  return inputs[0]!.graph.node(op, inputs, { attributes, outputs: [{ type, shape }] })[0]!;
}

/** An element-wise function of one value with the derivative `slope(y, x)`; the gradient is `dy · slope`. */
export function elementwise(
  op: string,
  x: GraphValue,
  backward: (dy: GraphValue, y: GraphValue) => GraphValue,
): GraphValue {
  const y = emit(op, [x], x.shape);
  return withGradient(y, [x], (dy) => [backward(dy, y)]);
}
