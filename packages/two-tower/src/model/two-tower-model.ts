import type { Matrix } from '@matome/primitives/linalg';
import type { OnnxRuntime } from '@matome/primitives/onnx';
import { ArtifactError } from '../artifacts/artifact-error.js';
import { readTensorFile, writeTensorFile } from '../artifacts/tensor-file.js';
import type { EncodedRows } from '../features/encoded-rows.js';
import type { EpochRecord } from '../training/training-options.js';
import { type TowerShape, type TowerSide, type TowerWeights, weightShapes } from './tower.js';
import { type EmbedOptions, TowerEncoder } from './tower-encoder.js';

/** What a model is made of. */
export interface TwoTowerParts {
  readonly user: TowerShape;
  readonly item: TowerShape;
  /** Weights of both towers by name. */
  readonly weights: TowerWeights;
  /** What cosines were divided by in training; 1 where nothing was. */
  readonly temperature: number;
  /** One record an epoch. */
  readonly history: readonly EpochRecord[];
  /** The epoch whose weights these are. */
  readonly bestEpoch: number;
}

const fileVersion = '1';

/**
 * A pair of towers that puts users and items into one space, where the cosine says how well they fit.
 *
 * @example
 * const rows = (n) => ({ dense: { data: Float32Array.from({ length: n }, (_, i) => i), rows: n, cols: 1 }, bags: {} });
 * const interactions = { userRows: [0, 1], itemRows: [0, 1] };
 * const runtime = await loadOnnxRuntime({ threads: 1 });
 * const model = await fitTwoTower({ users: rows(2), items: rows(3), interactions }, { runtime, embeddingDim: 4, epochs: 1 });
 * (await model.embedItems(rows(3))).cols // => 4
 */
export class TwoTowerModel {
  private readonly encoders = new Map<TowerSide, Promise<TowerEncoder>>();

  /** Made by `fitTwoTower` and `fromBytes`. */
  constructor(
    private readonly runtime: OnnxRuntime,
    readonly parts: TwoTowerParts,
  ) {}

  /** Length of the vectors. */
  get embeddingDim(): number {
    return this.parts.user.embeddingDim;
  }

  /** Loss and validation of every epoch of training. */
  get history(): readonly EpochRecord[] {
    return this.parts.history;
  }

  /**
   * @returns n × embeddingDim, rows of length 1.
   * @throws RangeError if the features are not as wide as those of training; the signal's reason when aborted.
   */
  embedUsers(rows: EncodedRows, options?: EmbedOptions): Promise<Matrix> {
    return this.embed('user', rows, options);
  }

  /** The same for items. */
  embedItems(rows: EncodedRows, options?: EmbedOptions): Promise<Matrix> {
    return this.embed('item', rows, options);
  }

  private async embed(side: TowerSide, rows: EncodedRows, options?: EmbedOptions): Promise<Matrix> {
    const { [side]: shape, weights } = this.parts;
    const known = this.encoders.get(side);
    const encoder = known ?? TowerEncoder.create(this.runtime, side, shape, weights);
    this.encoders.set(side, encoder);
    return (await encoder).embed(rows, weights, options);
  }

  /** The model as a safetensors file; equal models give equal bytes. */
  toBytes(): Uint8Array {
    const { user, item, weights, temperature, history, bestEpoch } = this.parts;
    const dims = new Map([...weightShapes('user', user), ...weightShapes('item', item)]);
    const tensors = Object.fromEntries([...dims].map(([name, size]) => [name, { dims: size, data: weights[name]! }]));
    const model = JSON.stringify({ user, item, temperature, history, bestEpoch });
    return writeTensorFile({ tensors, metadata: { kind: 'two-tower', version: fileVersion, model } });
  }

  /** @throws ArtifactError if the bytes are not such a model (`MALFORMED`) or of another version (`UNSUPPORTED_VERSION`). */
  static fromBytes(bytes: Uint8Array, runtime: OnnxRuntime): TwoTowerModel {
    const { tensors, metadata } = readTensorFile(bytes);
    if (metadata.kind !== 'two-tower')
      throw new ArtifactError('MALFORMED', 'The file does not hold a two-tower model.');
    if (metadata.version !== fileVersion) {
      throw new ArtifactError(
        'UNSUPPORTED_VERSION',
        `A two-tower model of version ${fileVersion} can be read. Got ${JSON.stringify(metadata.version)}.`,
      );
    }
    const model = readModel(metadata.model);
    const weights: Record<string, Float32Array> = {};
    for (const [name, dims] of [...weightShapes('user', model.user), ...weightShapes('item', model.item)]) {
      const tensor = tensors[name];
      if (tensor?.data.length !== dims.reduce((product, dim) => product * dim, 1)) {
        throw new ArtifactError('MALFORMED', `The model file does not hold the weights ${name}.`);
      }
      weights[name] = tensor.data;
    }
    return new TwoTowerModel(runtime, { ...model, weights });
  }

  /** Lets native memory go; the model can be used again. */
  async dispose(): Promise<void> {
    const open = [...this.encoders.values()];
    this.encoders.clear();
    for (const encoder of open) await (await encoder).dispose();
  }
}

/** The part of the file that is JSON. */
function readModel(text: string | undefined): Omit<TwoTowerParts, 'weights'> {
  const isTower = (tower: Partial<TowerShape> | undefined) =>
    Number.isInteger(tower?.dense) && Array.isArray(tower?.bags) && Array.isArray(tower?.hidden);
  try {
    const model = JSON.parse(text ?? '') as Omit<TwoTowerParts, 'weights'>;
    if (isTower(model.user) && isTower(model.item)) return model;
  } catch (cause) {
    throw new ArtifactError('MALFORMED', 'The model file does not describe its towers.', { cause });
  }
  throw new ArtifactError('MALFORMED', 'The model file does not describe its towers.');
}
