import type { Clock, Cooperative, Progress } from '@matome/primitives/async';

/** How a task that was given up would have gone on. */
export interface Abandoned {
  readonly elapsedMs: number;
  /** Estimate of the time for all of it; at least what had passed. */
  readonly projectedMs: number;
}

/** The outcome of a task under a time limit. */
export type Attempt<T> =
  | { readonly status: 'done'; readonly value: T }
  | ({ readonly status: 'abandoned' } & Abandoned);

/** Share of the time limit that an attempt may take before the rest is needed for a smaller one. */
const attemptShare = 0.6;
/**
 * Share of the whole work that a first stage is: finding core distances, before the spanning tree, or estimating the
 * distances of all pairs, before both.
 */
const firstStageShares: Readonly<Record<string, number>> = { 'core-distances': 0.4, 'pair-distances': 0.5 };
/** Share of the time limit after which a projection is trusted. */
const warmUp = 0.04;

/**
 * Runs a clustering as long as it may be done within `limitMs`, judged by its progress. Gives it up as soon as it is
 * projected to take longer, so that most of the time is left for something smaller.
 */
export function* attemptWithin<T>(task: Cooperative<T>, limitMs: number, now: Clock): Cooperative<Attempt<T>> {
  const start = now();
  let firstStage: string | undefined;
  for (;;) {
    const step = task.next();
    if (step.done) return { status: 'done', value: step.value };
    const elapsedMs = now() - start;
    firstStage ??= step.value.stage;
    const projectedMs = Math.max(elapsedMs, step.value.stage === firstStage ? project(step.value, elapsedMs) : 0);
    const hopeless = elapsedMs > warmUp * limitMs && projectedMs > limitMs;
    if (hopeless || elapsedMs > attemptShare * limitMs) {
      // Closing the generator lets its buffers go.
      task.return(undefined as never);
      return { status: 'abandoned', elapsedMs, projectedMs };
    }
    yield step.value;
  }
}

function project({ stage, completed, total }: Progress, elapsedMs: number): number {
  const share = firstStageShares[stage];
  if (share === undefined || completed === 0) return 0;
  return (elapsedMs * total) / completed / share;
}

/**
 * Share of the rows to cluster instead of all when `remainingMs` are left.
 *
 * All rows take `fullMs`; a share r is taken to cost r² of that, and placing the others r.
 */
export function affordableShare(fullMs: number, remainingMs: number): number {
  const budget = (0.5 * Math.max(0, remainingMs)) / Math.max(1e-9, fullMs);
  return Math.min(1, (Math.sqrt(1 + 4 * budget) - 1) / 2);
}

/**
 * Bytes that clustering `rows × cols` takes above its input, at most: the kernel's copy of the rows, neighbour lists,
 * and some forty numbers a row for trees and scores.
 */
export function estimatedBytes(rows: number, cols: number, minSamples: number): number {
  const copies = 14 * (cols + 4);
  const lists = 12 * minSamples * 2;
  return rows * (copies + lists + 320) + 1_000_000;
}

/** Most rows whose clustering fits into `bytes`. */
export function affordableRows(bytes: number, cols: number, minSamples: number): number {
  const perRow = estimatedBytes(1, cols, minSamples) - estimatedBytes(0, cols, minSamples);
  return Math.max(0, Math.floor((bytes - estimatedBytes(0, cols, minSamples)) / perRow));
}
