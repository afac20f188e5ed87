import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { OnnxRuntime } from '@matome/primitives/onnx';
import type { CatalogueRepository } from '@matome/storage';
import {
  ArtifactError,
  type Catalogue,
  fitTwoTower,
  type PreparedCatalogue,
  prepareCatalogue,
  type TrainingProgress,
  type TwoTowerModel,
  type TwoTowerOptions,
} from '@matome/two-tower';
import type { PipelineConfig } from './config.js';

/** Reads all rows of the catalogue. */
export async function readCatalogue(repository: CatalogueRepository, pageSize: number): Promise<Catalogue> {
  const all = async <T>(pages: AsyncIterable<readonly T[]>) => {
    const rows: T[] = [];
    for await (const page of pages) for (const row of page) rows.push(row);
    return rows;
  };
  return {
    profiles: await all(repository.profiles(pageSize)),
    videos: await all(repository.videos(pageSize)),
    decisions: await all(repository.decisions(pageSize)),
  };
}

/** Options of `trainModel`. */
export interface TrainOptions {
  readonly runtime: OnnxRuntime;
  readonly config: PipelineConfig;
  /** File that holds how far training came. */
  readonly checkpoint: string;
  readonly signal?: AbortSignal | undefined;
  readonly progress: (message: string) => void;
}

/** A trained model with what it was trained on. */
export interface TrainedModel {
  readonly model: TwoTowerModel;
  readonly prepared: PreparedCatalogue;
}

/**
 * Trains on a catalogue and keeps a checkpoint after every epoch; a run that was killed goes on where it stopped when data
 * and settings are the same.
 */
export async function trainModel(catalogue: Catalogue, options: TrainOptions): Promise<TrainedModel> {
  const { config, checkpoint, progress } = options;
  const { artifacts, training } = config;
  const prepared = prepareCatalogue(catalogue, {
    tags: { maxSize: artifacts.max_tag_vocab, minFrequency: artifacts.min_tag_freq },
    performers: { maxSize: artifacts.max_actress_vocab, minFrequency: artifacts.min_actress_freq },
    negativeRatio: training.loss === 'bce' ? training.negative_sampling_ratio : 0,
    validationRatio: training.train_val_split,
    seed: config.seed,
  });
  progress(
    `${catalogue.profiles.length} users, ${catalogue.videos.length} items, ${catalogue.decisions.length} decisions: ` +
      `${prepared.samples.train} samples to train, ${prepared.samples.validation} to validate`,
  );
  const fitOptions = optionsOf(options, prepared);
  const resume = await readFile(checkpoint).catch(() => undefined);
  try {
    if (resume) progress(`going on from ${checkpoint}`);
    return { model: await fitTwoTower(prepared.data, { ...fitOptions, ...(resume ? { resume } : {}) }), prepared };
  } catch (error) {
    if (!resume || !(error instanceof ArtifactError)) throw error;
    progress(`${error.message} Starting anew.`);
    return { model: await fitTwoTower(prepared.data, fitOptions), prepared };
  }
}

function optionsOf(
  { runtime, config, checkpoint, signal, progress }: TrainOptions,
  prepared: PreparedCatalogue,
): TwoTowerOptions {
  const { training } = config;
  return {
    runtime,
    embeddingDim: config.artifacts.embedding_dim,
    epochs: training.epochs,
    batchSize: training.batch_size,
    learningRate: training.lr,
    weightDecay: training.weight_decay,
    betas: config.optimizer.betas,
    clipNorm: training.gradient_clip_norm,
    seed: config.seed,
    loss:
      training.loss === 'bce'
        ? { kind: 'bce' }
        : { kind: 'softmax', temperature: training.temperature, learnTemperature: training.learn_temperature },
    ...(prepared.validation
      ? { validation: { ...prepared.validation, patience: training.early_stopping_patience } }
      : {}),
    ...(signal ? { signal } : {}),
    onProgress: everySteps(config.logging.every_n_steps, progress),
    onEpoch: ({ epoch, loss, recall, ndcg }) =>
      progress(
        `epoch ${epoch}/${training.epochs}: loss ${loss.toFixed(4)}` +
          (recall === undefined ? '' : `, validation recall@20 ${recall.toFixed(4)}, nDCG@20 ${ndcg!.toFixed(4)}`),
      ),
    onCheckpoint: (bytes) => writeWhole(checkpoint, bytes),
  };
}

function everySteps(steps: number, progress: (message: string) => void): (state: TrainingProgress) => void {
  let next = steps;
  return ({ stage, epoch, epochs, completed, total, loss }) => {
    if (stage !== 'train' || completed < 1) return;
    const done = (epoch - 1) * total + completed;
    if (done < next) return;
    next = done + steps;
    progress(`epoch ${epoch}/${epochs}, step ${completed}/${total}: loss ${loss.toFixed(4)}`);
  };
}

/** Writes a file so that a process killed at any moment leaves the old or the new one. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(aside, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}
