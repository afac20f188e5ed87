import type { Dimension, Shape, TensorData, TensorType } from './tensor-types.js';

/** Attributes of a node: an integer is written as int, another number as float; wrap with `floatAttribute` to force float. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number };

/** One operation of a graph. */
export interface GraphNode {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly (GraphValue | undefined)[];
  readonly outputs: readonly GraphValue[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** Derives the gradients of a value's parents from its own; `undefined` where there is none. */
export type Backward = (gradient: GraphValue, wanted: readonly boolean[]) => readonly (GraphValue | undefined)[];

/** How a value follows from others, for reverse-mode differentiation. */
export interface Derivation {
  readonly parents: readonly GraphValue[];
  readonly backward: Backward;
}

/**
 * A tensor inside a graph: its name, element type and sizes, not its values.
 *
 * @example
 * new Graph().input('x', ['n', 3]).shape // => ['n', 3]
 */
export class GraphValue {
  /** @internal */
  derivation: Derivation | undefined;

  /** Made by the methods of `Graph` and by the operators, not by hand. */
  constructor(
    readonly graph: Graph,
    readonly name: string,
    readonly type: TensorType,
    readonly shape: Shape,
    /** Position in the order of creation, which is an order of dependence. */
    readonly order: number,
  ) {}
}

/** Where the bytes of a constant lie: in another file, read by the runtime and never by JavaScript. */
export interface ExternalData {
  /** File name inside the folder that the session is created with. */
  readonly location: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

/** Values fixed inside a graph. */
export interface GraphConstant {
  readonly value: GraphValue;
  readonly dims: readonly number[];
  readonly data: TensorData | ExternalData;
}

/** A trainable input with the values it starts from. */
export interface GraphParameter {
  readonly name: string;
  readonly value: GraphValue;
  readonly dims: readonly number[];
  readonly initial: Float32Array;
}

/** What `Graph.node` needs beside the inputs. */
export interface NodeSpec {
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Type and sizes of every output. */
  readonly outputs: readonly { readonly type: TensorType; readonly shape: Shape }[];
  /** @default '' (the standard operators) */
  readonly domain?: string;
}

/**
 * A computation under construction: inputs, trainable parameters, constants and the nodes that the operators add.
 *
 * @see https://onnx.ai/onnx/operators/ for the meaning of every operator
 * @example
 * const graph = new Graph();
 * const x = graph.input('x', ['batch', 2]);
 * matMul(x, graph.constant([2, 1], new Float32Array([1, 2]))).shape // => ['batch', 1]
 */
export class Graph {
  readonly nodes: GraphNode[] = [];
  readonly inputs: GraphValue[] = [];
  readonly parameters: GraphParameter[] = [];
  readonly constants: GraphConstant[] = [];
  private readonly names = new Set<string>();
  private readonly scalars = new Map<number, GraphValue>();
  private created = 0;

  /**
   * A tensor fed at every run.
   *
   * @throws RangeError if the name is taken or a size is no natural number.
   */
  input(name: string, shape: Shape, type: TensorType = 'float32'): GraphValue {
    if (shape.some((dim) => typeof dim === 'number' && !(Number.isInteger(dim) && dim >= 0))) {
      throw new RangeError(
        `The sizes of the input ${JSON.stringify(name)} of Graph must be names or integers from 0 on. Got [${shape.join(', ')}].`,
      );
    }
    const value = this.value(this.claim(name), type, shape);
    this.inputs.push(value);
    return value;
  }

  /**
   * A trainable float32 tensor; training reads `initial` and keeps its own copy.
   *
   * @throws RangeError if the name is taken or the values do not fill `dims`.
   */
  parameter(name: string, dims: readonly number[], initial: Float32Array): GraphValue {
    checkFilled('Graph.parameter', name, dims, initial);
    const value = this.value(this.claim(name), 'float32', dims);
    this.parameters.push({ name, value, dims, initial });
    return value;
  }

  /**
   * Values fixed in the graph.
   *
   * @throws RangeError if the values do not fill `dims`.
   */
  constant(dims: readonly number[], data: TensorData, type: TensorType = 'float32', name?: string): GraphValue {
    checkFilled('Graph.constant', name ?? 'constant', dims, data);
    const value = this.value(this.claim(name ?? this.uniqueName('constant')), type, dims);
    this.constants.push({ value, dims, data });
    return value;
  }

  /** Values fixed in a file beside the model; for weights too large to pass through JavaScript. */
  externalConstant(dims: readonly number[], type: TensorType, data: ExternalData): GraphValue {
    const value = this.value(this.claim(this.uniqueName('external')), type, dims);
    this.constants.push({ value, dims, data });
    return value;
  }

  /** A float32 scalar; equal numbers share one value. */
  scalar(number: number): GraphValue {
    const known = this.scalars.get(number);
    if (known) return known;
    const value = this.constant([], new Float32Array([number]));
    this.scalars.set(number, value);
    return value;
  }

  /** A one-dimensional int64 constant, as shapes and axes are given. */
  integers(values: readonly number[]): GraphValue {
    return this.constant([values.length], BigInt64Array.from(values, BigInt), 'int64');
  }

  /**
   * Adds any ONNX operation; the typed operators are built on it.
   *
   * @returns one value per output.
   */
  node(op: string, inputs: readonly (GraphValue | undefined)[], spec: NodeSpec): GraphValue[] {
    for (const input of inputs) {
      if (input && input.graph !== this)
        throw new RangeError(`The value ${input.name} of ${op} belongs to another graph.`);
    }
    const outputs = spec.outputs.map(({ type, shape }) => this.value(this.claim(this.uniqueName(op)), type, shape));
    this.nodes.push({ op, domain: spec.domain ?? '', inputs, outputs, attributes: spec.attributes ?? {} });
    return outputs;
  }

  /** True when a value of that name stands in the graph. */
  has(name: string): boolean {
    return this.names.has(name);
  }

  private value(name: string, type: TensorType, shape: readonly Dimension[]): GraphValue {
    return new GraphValue(this, name, type, shape, this.created++);
  }

  private claim(name: string): string {
    if (this.names.has(name)) throw new RangeError(`The name ${JSON.stringify(name)} stands twice in one graph.`);
    this.names.add(name);
    return name;
  }

  /** A name not yet used in the graph that begins with `stem`. */
  uniqueName(stem: string): string {
    let count = this.created;
    while (this.names.has(`${stem}_${count}`)) count++;
    return `${stem}_${count}`;
  }
}

function checkFilled(caller: string, name: string, dims: readonly number[], data: TensorData): void {
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (data.length !== size) {
    throw new RangeError(
      `The values of ${name} given to ${caller} must fill [${dims.join(', ')}], ${size} in all. Got ${data.length}.`,
    );
  }
}

/**
 * Records how to differentiate a value; for operators made of several nodes.
 *
 * @returns the value itself.
 * @example
 * const x = new Graph().input('x', [2]);
 * withGradient(x.graph.node('Neg', [x], { outputs: [x] })[0]!, [x], (dy) => [negate(dy)]).shape // => [2]
 */
export function withGradient(value: GraphValue, parents: readonly GraphValue[], backward: Backward): GraphValue {
  value.derivation = { parents, backward };
  return value;
}
