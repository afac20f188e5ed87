import { checkNumber, checkOneOf } from '@matome/primitives/options';
import { createRandom } from '@matome/primitives/random';
import type { EmbeddingBatch } from '../artifacts/embeddings-parquet.js';
import {
  type CatalogueVocabularyNames,
  itemFeatureRow,
  itemFeatureSpecs,
  userFeatureSpecs,
} from '../features/catalogue-features.js';
import { FeatureEncoder } from '../features/feature-encoder.js';
import { itemFeaturePayload } from '../features/feature-payloads.js';
import type { FeatureRow } from '../features/feature-spec.js';
import { UserHistory } from '../features/user-history.js';
import { Vocabulary, type VocabularyOptions } from '../features/vocabulary.js';
import type { TwoTowerModel } from '../model/two-tower-model.js';
import { splitAtRandom, splitByTime, splitPerUser } from '../samples/split.js';
import { buildTrainingSamples, type TrainingSample } from '../samples/training-samples.js';
import type { TrainingData } from '../training/training-data.js';
import type { ValidationOptions } from '../training/training-options.js';
import { interactionMatrix } from './interactions.js';
import { type Catalogue, timeOf, type VideoRecord } from './records.js';

/** Options of `prepareCatalogue`. */
export interface CatalogueDataOptions {
  /** @default 512 tokens that occur at least 3 times */
  readonly tags?: VocabularyOptions;
  /** @default 256 tokens that occur at least 2 times */
  readonly performers?: VocabularyOptions;
  readonly vocabularyNames?: CatalogueVocabularyNames;
  /** Negatives per like; the softmax draws its own and needs none. @default 3 */
  readonly negativeRatio?: number;
  /** Share of the rows kept for validation, in [0, 1). @default 0.1 */
  readonly validationRatio?: number;
  /** Which rows those are: each user's last, all after one moment, or any. @default 'per-user' */
  readonly split?: 'per-user' | 'time' | 'random';
  /** @default 42 */
  readonly seed?: number;
}

/** Everything `fitTwoTower` and a release need of a catalogue. */
export interface PreparedCatalogue {
  readonly data: TrainingData;
  /** Undefined when no like could be held out. */
  readonly validation: ValidationOptions | undefined;
  readonly userEncoder: FeatureEncoder;
  readonly itemEncoder: FeatureEncoder;
  /** Recency of items counts back from here; null when no release is known. */
  readonly newestRelease: Date | null;
  /** Time of the newest decision, or 1970 without any. */
  readonly latestDecision: Date;
  readonly samples: { readonly train: number; readonly validation: number };
}

/**
 * Turns a catalogue into training data that tell no more than was known at the time: every sample sees its user as of just
 * before the decision, and means, deviations and user statistics come from the training part alone.
 *
 * @throws RangeError if an option is out of range, or there is nothing to learn from.
 * @remarks O(samples · decisions of a user): one user row a sample.
 * @example
 * const catalogue = {
 *   profiles: [{ userId: 'u', createdAt: null }],
 *   videos: [{ id: 'v', price: 1, durationSeconds: 1, productReleasedAt: null, tags: [], performers: [] }],
 *   decisions: [{ userId: 'u', videoId: 'v', decisionType: 'like', createdAt: new Date(0) }],
 * };
 * prepareCatalogue(catalogue).samples // => { train: 1, validation: 0 }
 */
export function prepareCatalogue(catalogue: Catalogue, options: CatalogueDataOptions = {}): PreparedCatalogue {
  const { negativeRatio = 3, validationRatio = 0.1, split = 'per-user', seed = 42 } = options;
  checkNumber('prepareCatalogue', 'validationRatio', validationRatio, { min: 0, max: 0.99 });
  checkOneOf('prepareCatalogue', 'split', split, ['per-user', 'time', 'random']);
  const samples = buildTrainingSamples(catalogue, { negativeRatio, random: createRandom(seed) });
  if (!samples.some(({ label }) => label === 1)) {
    throw new RangeError('The catalogue of prepareCatalogue must hold at least one like of a known user on a known item.');
  }
  const parts = splitSamples(samples, split, validationRatio, seed);
  const history = new UserHistory(catalogue);
  const places = new Map(catalogue.videos.map(({ id }, i) => [id, i]));
  const newestRelease = newestOf(catalogue.videos);
  const itemRows = catalogue.videos.map((video) => itemFeatureRow(itemFeaturePayload(video), newestRelease));
  const userRows = parts.train.map((sample) => history.row(sample));
  const { userEncoder, itemEncoder } = fitEncoders(parts.train, userRows, itemRows, places, options);
  const users = userNumbers(samples);
  const itemOf = ({ videoId }: TrainingSample) => places.get(videoId)!;
  const data: TrainingData = {
    users: userEncoder.encode(userRows),
    items: itemEncoder.encode(itemRows),
    interactions: { userRows: parts.train.map((_, i) => i), itemRows: parts.train.map(itemOf) },
    labels: parts.train.map(({ label }) => label),
    userGroups: parts.train.map(({ userId }) => users.get(userId)!),
  };
  return {
    data,
    validation: validationOf(parts, history, userEncoder, users, itemOf, catalogue.videos.length),
    userEncoder,
    itemEncoder,
    newestRelease,
    latestDecision: history.latest,
    samples: { train: parts.train.length, validation: parts.validation.length },
  };
}

interface Parts {
  readonly train: readonly TrainingSample[];
  readonly validation: readonly TrainingSample[];
}

function splitSamples(samples: readonly TrainingSample[], split: string, ratio: number, seed: number): Parts {
  if (split === 'random') return splitAtRandom(samples, ratio, createRandom(seed));
  return split === 'time' ? splitByTime(samples, ratio) : splitPerUser(samples, ratio);
}

/** The latest release among the items, or null when none is known. */
export function newestOf(videos: readonly VideoRecord[]): Date | null {
  let newest = Number.NEGATIVE_INFINITY;
  for (const { productReleasedAt } of videos) newest = Math.max(newest, timeOf(productReleasedAt) ?? newest);
  return newest === Number.NEGATIVE_INFINITY ? null : new Date(newest);
}

function fitEncoders(
  train: readonly TrainingSample[],
  userRows: readonly FeatureRow[],
  itemRows: readonly FeatureRow[],
  places: ReadonlyMap<string, number>,
  options: CatalogueDataOptions,
): { userEncoder: FeatureEncoder; itemEncoder: FeatureEncoder } {
  const { tags = 'tag', performers = 'actress' } = options.vocabularyNames ?? {};
  const lists = (column: string) => itemRows.map((row) => row[column] as readonly string[]);
  // What items are called is known of all of them at training time; which numbers users see is not.
  const vocabularies = {
    [tags]: Vocabulary.fit(lists('tags'), options.tags ?? { maxSize: 512, minFrequency: 3 }),
    [performers]: Vocabulary.fit(lists('performers'), options.performers ?? { maxSize: 256, minFrequency: 2 }),
  };
  const trained = [...new Set(train.map(({ videoId }) => places.get(videoId)!))].sort((a, b) => a - b);
  return {
    userEncoder: FeatureEncoder.fit(userRows, userFeatureSpecs(options.vocabularyNames), { vocabularies }),
    itemEncoder: FeatureEncoder.fit(
      trained.map((place) => itemRows[place]!),
      itemFeatureSpecs(options.vocabularyNames),
      { vocabularies },
    ),
  };
}

function userNumbers(samples: readonly TrainingSample[]): ReadonlyMap<string, number> {
  return new Map([...new Set(samples.map(({ userId }) => userId))].map((userId, i) => [userId, i]));
}

/** Each user as of its first held-out like, and the likes from there on. */
function validationOf(
  { train, validation }: Parts,
  history: UserHistory,
  encoder: FeatureEncoder,
  users: ReadonlyMap<string, number>,
  itemOf: (sample: TrainingSample) => number,
  items: number,
): ValidationOptions | undefined {
  // Drawn negatives were never seen; what was judged in training is no recommendation, also when it is liked again.
  const judged = train.filter(({ decisionType }) => decisionType !== 'sampled_negative');
  const pair = ({ userId, videoId }: TrainingSample) => `${userId} ${videoId}`;
  const known = new Set(judged.map(pair));
  const likes = validation.filter((sample) => sample.label === 1 && !known.has(pair(sample)));
  if (likes.length === 0) return undefined;
  const first = new Map<string, TrainingSample>();
  for (const like of likes) {
    const earlier = first.get(like.userId);
    if (!earlier || (like.decisionTs ?? 0) < (earlier.decisionTs ?? 0)) first.set(like.userId, like);
  }
  const rows = [...users.keys()].map((userId) => first.get(userId) ?? { userId, decisionTs: new Date(0) });
  const matrix = (samples: readonly TrainingSample[]) =>
    interactionMatrix(
      { userRows: samples.map(({ userId }) => users.get(userId)!), itemRows: samples.map(itemOf) },
      users.size,
      items,
    );
  return {
    users: encoder.encode(rows.map((row) => history.row(row))),
    relevant: matrix(likes),
    seen: matrix(judged),
  };
}

/**
 * The vectors of items batch by batch, for `writeEmbeddingsParquet` and for a database.
 *
 * @param newestRelease - the one of training, so that recency means the same.
 * @throws the signal's reason when aborted.
 * @example
 * const catalogue = {
 *   profiles: [{ userId: 'u', createdAt: null }],
 *   videos: [{ id: 'v', price: 1, durationSeconds: 1, productReleasedAt: null, tags: [], performers: [] }],
 *   decisions: [{ userId: 'u', videoId: 'v', decisionType: 'like', createdAt: new Date(0) }],
 * };
 * const { data, itemEncoder } = prepareCatalogue(catalogue);
 * const model = await fitTwoTower(data, { runtime: await loadOnnxRuntime({ threads: 1 }), embeddingDim: 4, epochs: 1 });
 * const ids = [];
 * for await (const batch of embedCatalogue(model, itemEncoder, catalogue.videos, null)) ids.push(...batch.ids);
 * ids // => ['v']
 */
export async function* embedCatalogue(
  model: TwoTowerModel,
  itemEncoder: FeatureEncoder,
  videos: Iterable<VideoRecord> | AsyncIterable<VideoRecord>,
  newestRelease: Date | null,
  options: { readonly batchSize?: number; readonly signal?: AbortSignal } = {},
): AsyncGenerator<EmbeddingBatch> {
  const { batchSize = 2048, signal } = options;
  let held: VideoRecord[] = [];
  const embed = async (batch: readonly VideoRecord[]): Promise<EmbeddingBatch> => {
    signal?.throwIfAborted();
    const rows = batch.map((video) => itemFeatureRow(itemFeaturePayload(video), newestRelease));
    return { ids: batch.map(({ id }) => id), vectors: await model.embedItems(itemEncoder.encode(rows)) };
  };
  for await (const video of videos) {
    held.push(video);
    if (held.length < batchSize) continue;
    yield await embed(held);
    held = [];
  }
  if (held.length > 0) yield await embed(held);
}
