import { checkInteger, checkOneOf } from '@matome/primitives/options';
import { createRandom, type RandomSource } from '@matome/primitives/random';
import { type Catalogue, type DecisionRecord, timeOf } from '../data/records.js';
import { drawNegatives } from './negatives.js';

/** One example to learn from. */
export interface TrainingSample {
  readonly userId: string;
  readonly videoId: string;
  readonly label: 0 | 1;
  readonly decisionType: 'like' | 'nope' | 'sampled_negative';
  /** Features must be made of what was known before this moment; null when it is not known. */
  readonly decisionTs: Date | null;
}

/** Options of `buildTrainingSamples`. */
export interface TrainingSampleOptions {
  /** Negatives per like; explicit nopes count among them. @default 3 */
  readonly negativeRatio?: number;
  /**
   * `with-replacement` draws as the Python pipeline does and gives negatives no time; `dated` draws every item at most once
   * for a user, only items released by then, and gives each negative the time of one of the user's likes, so that its
   * features can be made of the same past.
   *
   * @default 'dated'
   */
  readonly negatives?: 'with-replacement' | 'dated';
  /** @default createRandom(42) */
  readonly random?: RandomSource;
}

/**
 * Likes, nopes and sampled negatives, user by user in ascending order of the id: for each first the likes, then the
 * nopes, then max(0, ratio · max(1, likes) - nopes) negatives the user has not judged.
 *
 * Decisions of users without a profile are left out, of unknown items too (but those items are not drawn either).
 *
 * @throws RangeError if an option is out of range.
 * @remarks O(decisions + samples).
 * @see Differences from the Python pipeline: docs/parity/two-tower.md
 * @example
 * const at = new Date(0);
 * const video = (id) => ({ id, price: 1, durationSeconds: 1, productReleasedAt: null, tags: [], performers: [] });
 * const samples = buildTrainingSamples({
 *   profiles: [{ userId: 'u', createdAt: at }],
 *   videos: ['a', 'b', 'c'].map(video),
 *   decisions: [{ userId: 'u', videoId: 'a', decisionType: 'like', createdAt: at }],
 * }, { negativeRatio: 2 });
 * samples.map(({ videoId, label }) => `${videoId}${label}`).toSorted() // => ['a1', 'b0', 'c0']
 */
export function buildTrainingSamples(catalogue: Catalogue, options: TrainingSampleOptions = {}): TrainingSample[] {
  const { negativeRatio = 3, negatives = 'dated', random = createRandom(42) } = options;
  checkInteger('buildTrainingSamples', 'negativeRatio', negativeRatio, { min: 0 });
  checkOneOf('buildTrainingSamples', 'negatives', negatives, ['with-replacement', 'dated']);
  const { profiles, videos, decisions } = catalogue;
  const places = new Map(videos.map(({ id }, i) => [id, i]));
  const releases = videos.map(({ productReleasedAt }) => timeOf(productReleasedAt) ?? Number.NEGATIVE_INFINITY);
  const samples: TrainingSample[] = [];
  for (const [userId, own] of decisionsByUser(profiles, decisions)) {
    const likes = own.filter(({ decisionType }) => decisionType === 'like');
    const nopes = own.filter(({ decisionType }) => decisionType === 'nope');
    for (const list of [likes, nopes]) {
      for (const decision of list) if (places.has(decision.videoId)) samples.push(labelled(decision));
    }
    const count = Math.max(0, negativeRatio * Math.max(1, likes.length) - nopes.length);
    const judged = new Set<number>();
    for (const { videoId } of [...likes, ...nopes]) {
      const place = places.get(videoId);
      if (place !== undefined) judged.add(place);
    }
    const drawn = drawNegatives(videos.length, count, judged, negatives === 'with-replacement', random);
    for (const [i, place] of drawn.entries()) {
      const at = negatives === 'dated' ? dateOf(likes[i % Math.max(1, likes.length)]?.createdAt) : null;
      if (at && releases[place]! > at.getTime()) continue;
      samples.push({ userId, videoId: videos[place]!.id, label: 0, decisionType: 'sampled_negative', decisionTs: at });
    }
  }
  return samples;
}

function decisionsByUser(
  profiles: Catalogue['profiles'],
  decisions: readonly DecisionRecord[],
): [string, DecisionRecord[]][] {
  const known = new Set(profiles.map(({ userId }) => userId));
  const groups = new Map<string, DecisionRecord[]>();
  for (const decision of decisions) {
    if (!known.has(decision.userId)) continue;
    const group = groups.get(decision.userId);
    if (group) group.push(decision);
    else groups.set(decision.userId, [decision]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

function labelled({ userId, videoId, decisionType, createdAt }: DecisionRecord): TrainingSample {
  const like = decisionType === 'like';
  const decisionTs = dateOf(createdAt);
  return { userId, videoId, label: like ? 1 : 0, decisionType: like ? 'like' : 'nope', decisionTs };
}

/** Null for a date that cannot be read. */
function dateOf(date: Date | null | undefined): Date | null {
  return timeOf(date) === undefined ? null : date!;
}
