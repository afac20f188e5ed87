import type { Matrix } from '@matome/primitives/linalg';
import { floatTensor, type OnnxRuntime, type OnnxSession } from '@matome/primitives/onnx';
import { userFeatureRow } from '../features/catalogue-features.js';
import type { FeatureEncoder } from '../features/feature-encoder.js';
import type { UserFeaturePayload } from '../features/feature-payloads.js';
import { type FeatureSchema, type FeatureSchemaFile, readFeatureSchema } from '../features/feature-schema.js';
import type { FeatureRow } from '../features/feature-spec.js';
import { checkSkew } from '../features/skew-check.js';
import { ArtifactError } from './artifact-error.js';
import { artifactNames, encoderFromFiles, type ModelMeta, parseJsonFile, vocabularyNames } from './artifact-files.js';
import { type ArtifactSource, readRequired, resolvePath } from './artifact-store.js';
import { type Manifest, readManifest, verifyFile } from './manifest.js';

/** Options of `loadUserTower`. */
export interface LoadUserTowerOptions {
  readonly runtime: OnnxRuntime;
  /** What the application makes its features with: anything else is refused. @default not compared */
  readonly expectedSchema?: FeatureSchema;
  readonly signal?: AbortSignal;
}

/** A user tower ready to serve. */
export interface LoadedUserTower {
  readonly modelVersion: string;
  readonly schema: FeatureSchemaFile;
  readonly meta: ModelMeta;
  /** The encoder of training, made of the files. */
  readonly encoder: FeatureEncoder;
  /** @returns vectors of length 1, rows × embeddingDim. */
  embedRows(rows: readonly FeatureRow[]): Promise<Matrix>;
  /**
   * The vector of one user.
   *
   * @param payload - what `get_user_embedding_features` gives.
   * @param at - the moment ages are counted to.
   */
  embedUser(payload: Partial<UserFeaturePayload>, at: Date): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/**
 * Loads a published user tower and refuses anything that would give wrong vectors in silence: a changed byte, another
 * version of the schema, a vocabulary, width or normaliser that does not belong to the model.
 *
 * @param source - a version's folder, or `current`.
 * @throws ArtifactError that says which file and why.
 * @example
 * const runtime = await loadOnnxRuntime({ threads: 1 });
 * const error = await loadUserTower(directorySource('/nowhere'), { runtime }).catch((e) => e);
 * error.code // => 'MISSING_FILE'
 */
export async function loadUserTower(source: ArtifactSource, options: LoadUserTowerOptions): Promise<LoadedUserTower> {
  const { runtime, expectedSchema, signal } = options;
  const names = artifactNames;
  const manifestBytes = await readRequired(source, names.manifest, signal);
  const manifest = readManifest(parseJsonFile(names.manifest, manifestBytes));
  const read = (path: string) => readVerified(source, manifest, path, signal);
  const json = async (path: string) => parseJsonFile(path, await read(path));
  const schemaJson = await json(names.userSchema);
  const vocabularies: Record<string, unknown> = {};
  for (const name of vocabularyNames(readFeatureSchema(schemaJson))) {
    vocabularies[name] = await json(names.vocabulary(name));
  }
  const statistics = ((await json(names.normalizer)) as { user_numeric?: unknown } | null)?.user_numeric;
  const { encoder, schema } = encoderFromFiles({ schema: schemaJson, statistics, vocabularies });
  if (expectedSchema) checkSkew(encoder.schema, expectedSchema);
  const meta = (await json(names.meta)) as ModelMeta;
  const session = await runtime.createSession(await read(names.userTower));
  try {
    checkModel(session, schema, meta);
  } catch (error) {
    await session.dispose();
    throw error;
  }
  return serve(session, { manifest, schema, meta, encoder });
}

async function readVerified(
  source: ArtifactSource,
  manifest: Manifest,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const entry = manifest.files.find((file) => file.path === path);
  if (!entry) throw new ArtifactError('MISSING_FILE', `The manifest of ${manifest.model_version} lists no ${path}.`);
  // `current` names the folder of its version, whose files never change.
  const place = manifest.location ? joinUp(manifest.location, path) : path;
  const bytes = await readRequired(source, place, signal);
  verifyFile(entry, bytes);
  return bytes;
}

/** Keeps a leading `..`, which only the source can resolve. */
function joinUp(location: string, path: string): string {
  const up = /^(\.\.\/)+/.exec(location)?.[0] ?? '';
  return `${up}${resolvePath(location.slice(up.length), path)}`;
}

function checkModel(session: OnnxSession, schema: FeatureSchemaFile, meta: ModelMeta | null): void {
  const input = session.inputs.find(({ name }) => name === schema.input_name);
  const output = session.outputs[0];
  const mismatch = (what: string, expected: unknown, got: unknown) =>
    new ArtifactError('SCHEMA_MISMATCH', `The user tower must have ${what} ${expected}. It has ${got}.`);
  if (!input) {
    throw mismatch('the input', schema.input_name, session.inputs.map(({ name }) => name).join(', '));
  }
  if (input.shape[1] !== schema.input_dim) throw mismatch('an input of width', schema.input_dim, input.shape[1]);
  if (output?.shape[1] !== schema.embedding_dim) {
    throw mismatch('an output of width', schema.embedding_dim, output?.shape[1]);
  }
  if (meta?.user_feature_dim !== schema.input_dim || meta.embedding_dim !== schema.embedding_dim) {
    throw new ArtifactError(
      'SCHEMA_MISMATCH',
      `The model_meta.json describes ${meta?.user_feature_dim} features and vectors of ${meta?.embedding_dim}, the schema ${schema.input_dim} and ${schema.embedding_dim}.`,
    );
  }
}

interface Loaded {
  readonly manifest: Manifest;
  readonly schema: FeatureSchemaFile;
  readonly meta: ModelMeta;
  readonly encoder: FeatureEncoder;
}

function serve(session: OnnxSession, { manifest, schema, meta, encoder }: Loaded): LoadedUserTower {
  const { input_name: inputName, embedding_dim: cols } = schema;
  const output = session.outputs[0]!.name;
  const embedRows = async (rows: readonly FeatureRow[]): Promise<Matrix> => {
    if (rows.length === 0) return { data: new Float32Array(0), rows: 0, cols };
    const features = encoder.transform(rows);
    const result = await session.run({ [inputName]: floatTensor([rows.length, features.cols], features.data) });
    return { data: result[output]!.data as Float32Array, rows: rows.length, cols };
  };
  return {
    modelVersion: manifest.model_version,
    schema,
    meta,
    encoder,
    embedRows,
    embedUser: async (payload, at) => (await embedRows([userFeatureRow(payload, at)])).data,
    dispose: () => session.dispose(),
  };
}

/** A tower that is loaded when it is first asked for. */
export interface UserTowerCache {
  /** The loaded tower; all who ask while it is being loaded share one fetch, and a failed fetch is tried again by the next. */
  get(): Promise<LoadedUserTower>;
  /**
   * Loads again if another version is current by now; keeps serving the old one when that fails. Whoever holds the old
   * tower may use it until the next version is loaded.
   */
  refresh(): Promise<LoadedUserTower>;
  dispose(): Promise<void>;
}

/**
 * Keeps a user tower loaded.
 *
 * @example
 * const cache = createUserTowerCache(createMemoryArtifactStore(), { runtime: await loadOnnxRuntime({ threads: 1 }) });
 * (await cache.get().catch((error) => error)).message // => 'The artefact manifest.json is missing.'
 */
export function createUserTowerCache(source: ArtifactSource, options: LoadUserTowerOptions): UserTowerCache {
  let tower: Promise<LoadedUserTower> | undefined;
  let retired: LoadedUserTower | undefined;
  let refreshing: Promise<LoadedUserTower> | undefined;
  const get = () => {
    if (tower) return tower;
    const loading = loadUserTower(source, options);
    tower = loading;
    loading.catch(() => {
      if (tower === loading) tower = undefined;
    });
    return loading;
  };
  const renew = async (): Promise<LoadedUserTower> => {
    const old = await get();
    const bytes = await readRequired(source, artifactNames.manifest, options.signal);
    const manifest = readManifest(parseJsonFile(artifactNames.manifest, bytes));
    if (manifest.model_version === old.modelVersion) return old;
    const fresh = await loadUserTower(source, options);
    tower = Promise.resolve(fresh);
    const before = retired;
    retired = old;
    await before?.dispose();
    return fresh;
  };
  return {
    get,
    refresh() {
      refreshing ??= renew().finally(() => {
        refreshing = undefined;
      });
      return refreshing;
    },
    async dispose() {
      const open = tower;
      tower = undefined;
      await (await open?.catch(() => undefined))?.dispose();
      await retired?.dispose();
      retired = undefined;
    },
  };
}
