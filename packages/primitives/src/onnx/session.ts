import type { OnnxTensor, TensorData, TensorType } from './tensor-types.js';

/** The part of onnxruntime-node that we use. */
export interface NativeOnnx {
  readonly InferenceSession: {
    create(model: Uint8Array | string, options: object): Promise<NativeSession>;
  };
  readonly Tensor: new (type: string, data: TensorData, dims: readonly number[]) => unknown;
}

/** A session as onnxruntime-node gives it. */
export interface NativeSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata: readonly NativeMetadata[];
  readonly outputMetadata: readonly NativeMetadata[];
  run(
    feeds: Record<string, unknown>,
    fetches?: readonly string[] | Readonly<Record<string, unknown>>,
  ): Promise<Record<string, OnnxTensor>>;
  release(): Promise<void>;
}

interface NativeMetadata {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}

/** Name, type and sizes of an input or output. */
export interface TensorInfo {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** Options of `OnnxRuntime.createSession`. */
export interface SessionOptions {
  /** Fewer threads than the budget, for a small model. @default the budget */
  readonly threads?: number;
  /** Folder of the files that external constants name. */
  readonly externalDataFolder?: string;
}

/** Tensors by input name. */
export type Feeds = Readonly<Record<string, OnnxTensor>>;

/**
 * A loaded model. Runs are synchronous inside onnxruntime: one run at a time uses all threads of the session.
 *
 * @example
 * const graph = new Graph();
 * const runtime = await loadOnnxRuntime({ threads: 1 });
 * const session = await runtime.createSession(buildModel(graph, { y: relu(graph.input('x', [2])) }));
 * [...(await session.run({ x: floatTensor([2], new Float32Array([-1, 2])) })).y!.data] // => [0, 2]
 */
export interface OnnxSession {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /**
   * Runs the model. The arrays of `feeds` are read in place, the results are new arrays.
   *
   * @param fetches - names of the outputs wanted. @default all
   * @param into - outputs whose values are written into these tensors, which must have exactly their sizes.
   * @throws Error with one sentence when an input is missing or does not fit, or after `dispose`.
   */
  run(feeds: Feeds, fetches?: readonly string[], into?: Feeds): Promise<Record<string, OnnxTensor>>;
  /** Lets the native memory go; a second call does nothing. */
  dispose(): Promise<void>;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!.replace(/\.?\s*$/, '');
}

function information(metadata: readonly NativeMetadata[]): TensorInfo[] {
  return metadata.map(({ name, type, shape }) => ({ name, type: type ?? 'unknown', shape: shape ?? [] }));
}

/** Outputs by name: a tensor to write into, or null where the runtime makes one. */
function placed(names: readonly string[], into: Feeds, tensor: (t: OnnxTensor) => unknown): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, into[name] ? tensor(into[name]) : null]));
}

/** Loads a model and wraps its session. */
export async function createOnnxSession(
  native: NativeOnnx,
  model: Uint8Array | string,
  options: SessionOptions & { readonly threads: number },
  onClose: (session: OnnxSession) => void,
): Promise<OnnxSession> {
  const label = typeof model === 'string' ? model : `of ${model.byteLength} bytes`;
  let session: NativeSession | undefined;
  try {
    session = await native.InferenceSession.create(model, {
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      logSeverityLevel: 3,
      ...(options.externalDataFolder === undefined
        ? {}
        : { extra: { session: { model_external_initializers_file_folder_path: options.externalDataFolder } } }),
    });
  } catch (cause) {
    throw new Error(`The ONNX model ${label} could not be loaded: ${firstLine(cause)}.`, { cause });
  }
  const tensor = (t: OnnxTensor) => new native.Tensor(t.type as TensorType, t.data, t.dims);
  const wrapped: OnnxSession = {
    inputs: information(session.inputMetadata),
    outputs: information(session.outputMetadata),
    async run(feeds, fetches, into) {
      if (!session) throw new Error(`The ONNX model ${label} was disposed of.`);
      const native: Record<string, unknown> = {};
      for (const { name } of wrapped.inputs) {
        const feed = feeds[name];
        if (!feed) throw new RangeError(`The input ${JSON.stringify(name)} of the ONNX model ${label} was not given.`);
        try {
          native[name] = tensor(feed);
        } catch (cause) {
          throw new RangeError(
            `The input ${JSON.stringify(name)} of the ONNX model ${label} is no tensor: ${firstLine(cause)}.`,
            {
              cause,
            },
          );
        }
      }
      try {
        if (into) return await session.run(native, placed(fetches ?? session.outputNames, into, tensor));
        return await (fetches ? session.run(native, fetches) : session.run(native));
      } catch (cause) {
        throw new Error(`The ONNX model ${label} could not run: ${firstLine(cause)}.`, { cause });
      }
    },
    async dispose() {
      const open = session;
      session = undefined;
      if (!open) return;
      onClose(wrapped);
      await open.release();
    },
  };
  return wrapped;
}
