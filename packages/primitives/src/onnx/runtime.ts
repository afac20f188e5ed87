import { availableParallelism } from 'node:os';
import { checkInteger } from '../options/index.js';
import { createOnnxSession, type NativeOnnx, type OnnxSession, type SessionOptions } from './session.js';

/** Thrown when a computation needs onnxruntime-node and it cannot be loaded; the message says what to install. */
export class OnnxRuntimeMissingError extends Error {
  override readonly name = 'OnnxRuntimeMissingError';

  /** @param cause - the fault of the import. */
  constructor(cause: unknown) {
    super(
      'onnxruntime-node could not be loaded: run "npm install onnxruntime-node", and where its install script cannot reach ' +
        'the network set "allowScripts": { "onnxruntime-node": false } in the root package.json (npm 11) or ' +
        'ONNXRUNTIME_NODE_INSTALL=skip in the environment (npm 10).',
      { cause },
    );
  }
}

/** Options of `loadOnnxRuntime`. */
export interface OnnxRuntimeOptions {
  /**
   * Threads that all sessions of this runtime use together: sessions run one after the other on their JavaScript thread.
   *
   * @default the processors of the machine, at most 4
   */
  readonly threads?: number;
  /** Imports the native module; given by tests. @default import('onnxruntime-node') */
  readonly load?: () => Promise<unknown>;
}

interface Pooled {
  readonly session: Promise<OnnxSession>;
  users: number;
}

/** A loan of a pooled session. */
export interface SessionLease {
  readonly session: OnnxSession;
  /** Gives the session back; the last one to do so lets its memory go. A second call does nothing. */
  release(): Promise<void>;
}

/**
 * The loaded onnxruntime with one budget of threads and one session per model.
 *
 * @example
 * (await loadOnnxRuntime({ threads: 1 })).threads // => 1
 */
export class OnnxRuntime {
  private readonly pool = new Map<string, Pooled>();
  private readonly open = new Set<OnnxSession>();

  /** Made by `loadOnnxRuntime`. */
  constructor(
    private readonly native: NativeOnnx,
    /** Threads a session may use. */
    readonly threads: number,
  ) {}

  /** Number of sessions that hold memory. */
  get sessionCount(): number {
    return this.open.size;
  }

  /**
   * Loads a model.
   *
   * @param model - bytes of an ONNX file, or its path.
   * @throws Error with one sentence when the bytes are not a model that the runtime can run.
   */
  async createSession(model: Uint8Array | string, options: SessionOptions = {}): Promise<OnnxSession> {
    const threads = Math.min(this.threads, options.threads ?? this.threads);
    const session = await createOnnxSession(this.native, model, { ...options, threads }, (closed) => {
      this.open.delete(closed);
    });
    this.open.add(session);
    return session;
  }

  /**
   * The session of a model that several users share; loaded when the first one asks.
   *
   * @param key - names the model, e.g. its path or fingerprint.
   * @param load - gives the bytes or the path; called at most once while the session is in use.
   */
  async acquire(
    key: string,
    load: () => Promise<Uint8Array | string>,
    options: SessionOptions = {},
  ): Promise<SessionLease> {
    const known = this.pool.get(key);
    const entry = known ?? { session: load().then((model) => this.createSession(model, options)), users: 0 };
    this.pool.set(key, entry);
    entry.users++;
    let released = false;
    const release = async () => {
      if (released) return;
      released = true;
      if (--entry.users > 0) return;
      if (this.pool.get(key) === entry) this.pool.delete(key);
      await (await entry.session).dispose();
    };
    try {
      return { session: await entry.session, release };
    } catch (error) {
      if (this.pool.get(key) === entry) this.pool.delete(key);
      throw error;
    }
  }

  /** Lets the memory of every session go; sessions and leases of this runtime stop working. */
  async dispose(): Promise<void> {
    this.pool.clear();
    await Promise.all([...this.open].map((session) => session.dispose()));
  }
}

/**
 * Loads onnxruntime-node, which is an optional peer dependency.
 *
 * @throws OnnxRuntimeMissingError when it is not installed or has no binary for this platform; RangeError for `threads`.
 * @example
 * const runtime = await loadOnnxRuntime({ threads: 2 });
 * runtime.sessionCount // => 0
 */
export async function loadOnnxRuntime(options: OnnxRuntimeOptions = {}): Promise<OnnxRuntime> {
  const threads = checkInteger('loadOnnxRuntime', 'threads', options.threads ?? Math.min(4, availableParallelism()), {
    min: 1,
  });
  const load = options.load ?? (() => import('onnxruntime-node'));
  let module: unknown;
  try {
    module = await load();
  } catch (cause) {
    throw new OnnxRuntimeMissingError(cause);
  }
  const native = ((module as { default?: NativeOnnx }).default ?? module) as NativeOnnx;
  if (!native?.InferenceSession)
    throw new OnnxRuntimeMissingError(new TypeError('The module has no InferenceSession.'));
  return new OnnxRuntime(native, threads);
}
