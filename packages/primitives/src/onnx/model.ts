import { create, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import type { AttributeValue, ExternalData, Graph, GraphNode, GraphValue } from './graph.js';
import { type Shape, type TensorData, type TensorType, tensorTypeCodes } from './tensor-types.js';

/** Options of `buildModel`. */
export interface ModelOptions {
  /** Values written as initialisers instead of inputs, by parameter name; parameters not named here are inputs. */
  readonly weights?: Readonly<Record<string, Float32Array>>;
  /** Key and value pairs stored in the file. */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * Version of the standard operators the file asks for. An older one lets older runtimes load it, but some operators
   * of this package are written in their newest form only; the checker of the runtime that loads the file has the word.
   *
   * @default 20
   */
  readonly opset?: number;
}

const newestOpset = 20;
const irVersion = 9n;

/**
 * Writes the part of a graph that some outputs need as an ONNX file.
 *
 * @param outputs - output name to value.
 * @returns the bytes of a ModelProto (IR version 9), ready for any ONNX runtime.
 * @throws RangeError if no output is named, or one is named like another value.
 * @see https://onnx.ai/onnx/intro/concepts.html
 * @example
 * const graph = new Graph();
 * const y = relu(graph.input('x', ['n', 2]));
 * buildModel(graph, { y }).length > 0 // => true
 */
export function buildModel(
  graph: Graph,
  outputs: Readonly<Record<string, GraphValue>>,
  options: ModelOptions = {},
): Uint8Array {
  const named = Object.entries(outputs);
  if (named.length === 0) throw new RangeError('A model of buildModel needs at least one output.');
  const nodes = neededNodes(graph, Object.values(outputs));
  const used = new Set<GraphValue>([
    ...nodes.flatMap((node) => node.inputs.filter((v) => v !== undefined)),
    ...Object.values(outputs),
  ]);
  const taken = named.find(([name]) => graph.has(name));
  if (taken)
    throw new RangeError(
      `The output name ${JSON.stringify(taken[0])} of buildModel stands for another value of the graph.`,
    );
  const weights = options.weights ?? {};
  const parameters = graph.parameters.filter(({ value }) => used.has(value));
  const model = create(ModelProtoSchema, {
    irVersion,
    producerName: 'matome',
    opsetImport: opsetsOf(nodes, options.opset ?? newestOpset),
    metadataProps: Object.entries(options.metadata ?? {}).map(([key, value]) => ({ key, value })),
    graph: create(GraphProtoSchema, {
      name: 'graph',
      // An output name is the caller's, so each gets a node of its own that hands the value on.
      node: [...nodes.map(nodeProto), ...named.map(([name, value]) => identity(value, name))],
      initializer: [
        ...graph.constants
          .filter(({ value }) => used.has(value))
          .map((c) => tensorProto(c.value.name, c.value.type, c.dims, c.data)),
        ...parameters
          .filter((p) => weights[p.name])
          .map((p) => tensorProto(p.name, 'float32', p.dims, weights[p.name]!)),
      ],
      input: [
        ...graph.inputs.filter((value) => used.has(value)),
        ...parameters.filter((p) => !weights[p.name]).map((p) => p.value),
      ].map((value) => valueInfo(value.name, value.type, value.shape)),
      output: named.map(([name, value]) => valueInfo(name, value.type, value.shape)),
    }),
  });
  return toBinary(ModelProtoSchema, model);
}

function opsetsOf(nodes: readonly GraphNode[], opset: number) {
  const domains = new Set(['', ...nodes.map((node) => node.domain)]);
  return [...domains].map((domain) => ({ domain, version: domain === '' ? BigInt(opset) : 1n }));
}

function neededNodes(graph: Graph, outputs: readonly GraphValue[]): GraphNode[] {
  const wanted = new Set(outputs);
  const kept: GraphNode[] = [];
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    if (!node.outputs.some((output) => wanted.has(output))) continue;
    for (const input of node.inputs) if (input) wanted.add(input);
    kept.push(node);
  }
  return kept.reverse();
}

function nodeProto(node: GraphNode) {
  return create(NodeProtoSchema, {
    opType: node.op,
    domain: node.domain,
    input: node.inputs.map((value) => value?.name ?? ''),
    output: node.outputs.map((value) => value.name),
    attribute: Object.entries(node.attributes).map(([name, value]) => attributeProto(name, value)),
  });
}

function identity(value: GraphValue, name: string) {
  return create(NodeProtoSchema, { opType: 'Identity', input: [value.name], output: [name] });
}

function attributeProto(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'string') {
    const s = Uint8Array.from(new TextEncoder().encode(value));
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.STRING, s });
  }
  if (Array.isArray(value)) {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints: value.map(BigInt) });
  }
  if (typeof value === 'object') {
    const { float } = value as { float: number };
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: float });
  }
  return Number.isInteger(value)
    ? create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value as number) })
    : create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: value as number });
}

function tensorProto(name: string, type: TensorType, dims: readonly number[], data: TensorData | ExternalData) {
  const fields = { name, dims: dims.map(BigInt), dataType: tensorTypeCodes[type] };
  if ('location' in data) {
    const entries = { location: data.location, offset: String(data.offset), length: String(data.sizeBytes) };
    return create(TensorProtoSchema, {
      ...fields,
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
    });
  }
  const rawData = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  return create(TensorProtoSchema, { ...fields, rawData });
}

function valueInfo(name: string, type: TensorType, shape: Shape): ValueInfoProto {
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType: tensorTypeCodes[type],
          shape: {
            dim: shape.map((dim) => ({
              value:
                typeof dim === 'string'
                  ? { case: 'dimParam' as const, value: dim }
                  : { case: 'dimValue' as const, value: BigInt(dim) },
            })),
          },
        },
      },
    },
  });
}
