import { describe, expect, it } from 'vitest';
import { buildModel, floatTensor, Graph, loadOnnxRuntime, OnnxRuntimeMissingError, relu } from './index.js';

const reluModel = () => {
  const graph = new Graph();
  return buildModel(graph, { y: relu(graph.input('x', ['n'])) });
};

describe('loadOnnxRuntime', () => {
  it('says what to install when the native module is missing', async () => {
    const load = () => Promise.reject(new Error("Cannot find package 'onnxruntime-node'"));
    const error = await loadOnnxRuntime({ load }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OnnxRuntimeMissingError);
    expect((error as Error).message).toMatch(
      /^onnxruntime-node could not be loaded: run "npm install onnxruntime-node".*allowScripts.*ONNXRUNTIME_NODE_INSTALL=skip.*\.$/,
    );
    expect((error as Error).cause).toBeInstanceOf(Error);
    await expect(loadOnnxRuntime({ load: async () => ({}) })).rejects.toBeInstanceOf(OnnxRuntimeMissingError);
  });

  it('refuses a budget of no threads', async () => {
    await expect(loadOnnxRuntime({ threads: 0 })).rejects.toThrow(
      'The threads option of loadOnnxRuntime must be an integer in [1, ∞). Got 0.',
    );
  });
});

describe('OnnxRuntime', () => {
  it('hands the budget of threads to every session and never more', async () => {
    const seen: number[] = [];
    const session = { inputMetadata: [], outputMetadata: [], release: async () => undefined };
    const create = async (_: unknown, options: { intraOpNumThreads: number }) => {
      seen.push(options.intraOpNumThreads);
      return session;
    };
    const runtime = await loadOnnxRuntime({ threads: 2, load: async () => ({ InferenceSession: { create } }) });
    await runtime.createSession('a');
    await runtime.createSession('b', { threads: 1 });
    await runtime.createSession('c', { threads: 8 });
    expect(seen).toEqual([2, 1, 2]);
  });

  it('loads a shared model once and lets it go with its last user', async () => {
    const runtime = await loadOnnxRuntime({ threads: 1 });
    let loads = 0;
    const load = async () => {
      loads++;
      return reluModel();
    };
    const [a, b] = await Promise.all([runtime.acquire('m', load), runtime.acquire('m', load)]);
    expect(a.session).toBe(b.session);
    expect(loads).toBe(1);
    await a.release();
    await a.release();
    expect(runtime.sessionCount).toBe(1);
    await b.release();
    expect(runtime.sessionCount).toBe(0);
    await expect(a.session.run({ x: floatTensor([1], new Float32Array(1)) })).rejects.toThrow(/was disposed of/);
    await (await runtime.acquire('m', load)).release();
    expect(loads).toBe(2);
  });

  it('tries again after a load that failed', async () => {
    const runtime = await loadOnnxRuntime({ threads: 1 });
    await expect(runtime.acquire('m', () => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk');
    const lease = await runtime.acquire('m', async () => reluModel());
    expect(lease.session.inputs).toEqual([{ name: 'x', type: 'float32', shape: ['n'] }]);
    await runtime.dispose();
    expect(runtime.sessionCount).toBe(0);
    await lease.release();
  });

  it('says in one sentence what is wrong with a model or a feed', async () => {
    const runtime = await loadOnnxRuntime({ threads: 1 });
    await expect(runtime.createSession(new Uint8Array([1, 2, 3]))).rejects.toThrow(
      /^The ONNX model of 3 bytes could not be loaded: .*\.$/,
    );
    const session = await runtime.createSession(reluModel());
    await expect(session.run({})).rejects.toThrow(/The input "x" of the ONNX model of \d+ bytes was not given\./);
    await expect(session.run({ x: floatTensor([1, 1], new Float32Array(1)) })).rejects.toThrow(
      /could not run: .*Invalid rank/,
    );
    const short = { type: 'float32', dims: [2], data: new Float32Array(1) } as const;
    await expect(session.run({ x: short })).rejects.toThrow(
      /The input "x" of the ONNX model of \d+ bytes is no tensor: /,
    );
    await runtime.dispose();
  });
});
