import { createHash } from 'node:crypto';
import { createRandom, type RandomSource } from '@matome/primitives/random';
import type { Catalogue, DecisionRecord, VideoRecord } from '@matome/two-tower';

/** Size of a generated catalogue. */
export interface SampleCatalogueOptions {
  /** @default 160 */
  readonly users?: number;
  /** @default 400 */
  readonly videos?: number;
  /** @default 42 */
  readonly seed?: number;
}

const tastes = ['comedy', 'drama', 'crime', 'nature', 'music', 'cooking', 'travel', 'science'];
const moods = ['slow', 'loud', 'short', 'classic', 'live', 'night', 'family', 'award'];
const day = 86_400_000;
const start = Date.UTC(2024, 0, 1);

/**
 * A small made-up catalogue to try the pipeline on: users of one or two tastes, items with tags and performers that tell
 * their taste, likes that follow it most of the time. The same seed gives the same rows.
 *
 * @example
 * sampleCatalogue({ users: 2, videos: 20 }).videos.length // => 20
 */
export function sampleCatalogue(options: SampleCatalogueOptions = {}): Catalogue {
  const { users = 160, videos = 400, seed = 42 } = options;
  const random = createRandom(seed);
  const items = Array.from({ length: videos }, (_, i) => makeVideo(i, random));
  const byTaste = tastes.map((_, taste) => items.filter((_, i) => i % tastes.length === taste));
  const profiles = Array.from({ length: users }, (_, u) => ({
    userId: identifier('user', u),
    displayName: `User ${u + 1}`,
    createdAt: new Date(start - Math.floor(random() * 300 * day)),
  }));
  const decisions = profiles.flatMap(({ userId }, u) => decide(userId, u, items, byTaste, random));
  return { profiles, videos: items, decisions };
}

function makeVideo(i: number, random: RandomSource): VideoRecord {
  const taste = i % tastes.length;
  const mood = moods[Math.floor(random() * moods.length)]!;
  return {
    id: identifier('video', i),
    title: `${tastes[taste]} ${mood} ${i + 1}`,
    price: i % 23 === 0 ? null : 300 + 100 * Math.floor(random() * 40),
    durationSeconds: 300 + Math.floor(random() * 6000),
    productReleasedAt: new Date(start - Math.floor(random() * 900 * day)),
    tags: random() < 0.9 ? [tastes[taste]!, mood] : [mood],
    performers: [`${tastes[taste]} performer ${Math.floor(random() * 6)}`],
    safetyLevel: i % 17 === 0 ? 2 : 0,
    regionCodes: i % 11 === 0 ? ['JP'] : [],
    isActive: i % 31 !== 0,
  };
}

function decide(
  userId: string,
  u: number,
  items: readonly VideoRecord[],
  byTaste: readonly (readonly VideoRecord[])[],
  random: RandomSource,
): DecisionRecord[] {
  const own = [u % tastes.length, Math.floor(random() * tastes.length)];
  const evening = 17 + Math.floor(random() * 7);
  const count = 10 + Math.floor(random() * 30);
  const seen = new Set<string>();
  return Array.from({ length: count }, (_, n) => {
    const pool = random() < 0.7 ? byTaste[own[n % 2]!]! : items;
    const video = pool[Math.floor(random() * pool.length)]!;
    const liked = own.some((taste) => byTaste[taste]!.includes(video)) ? random() < 0.85 : random() < 0.1;
    const at = start + n * 2 * day + ((evening + Math.floor(random() * 3)) % 24) * 3_600_000 + u * 1000;
    return { userId, videoId: video.id, decisionType: liked ? 'like' : 'nope', createdAt: new Date(at) };
  }).filter(({ videoId }) => !seen.has(videoId) && seen.add(videoId));
}

/** A UUID that the name decides. */
function identifier(kind: string, n: number): string {
  const hex = createHash('sha256').update(`${kind} ${n}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
