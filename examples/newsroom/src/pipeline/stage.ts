import type { Problem } from '../read/raw-article.js';
import type { Workspace } from './workspace.js';

/** What a stage gets from the runner. */
export interface StageContext {
  readonly signal: AbortSignal;
  /** Tells how many of how many items are done; `total` is 0 while unknown. */
  progress(completed: number, total: number): void;
}

/** What a stage gives back; it is saved as it is, so it must be JSON. */
export interface StageOutput<Item> {
  readonly items: readonly Item[];
  /** What is told as the result. @default the number of items */
  readonly count?: number;
  readonly problems?: readonly Problem[];
}

/**
 * One step of the pipeline.
 *
 * `run` computes the items without touching the workspace; `apply` puts them there. A resumed run applies the saved
 * items of the stages before, so both ways go through the same code.
 */
export interface Stage<Item = unknown> {
  readonly name: string;
  /** What is counted, for people: `articles`. */
  readonly unit: string;
  run(work: Readonly<Workspace>, context: StageContext): Promise<StageOutput<Item>>;
  apply(work: Workspace, items: readonly Item[]): Promise<void> | void;
}

/**
 * Calls `visit` for each item, tells the progress, and gives other work of the process its turn every 20 ms.
 *
 * @throws the reason of the signal when aborted.
 */
export async function forEachItem<T>(
  items: readonly T[],
  context: StageContext,
  visit: (item: T, index: number) => void | Promise<void>,
): Promise<void> {
  let sliceStart = performance.now();
  for (let i = 0; i < items.length; i++) {
    await visit(items[i]!, i);
    if (performance.now() - sliceStart < 20) continue;
    context.progress(i + 1, items.length);
    await new Promise<void>((resolve) => setImmediate(resolve));
    context.signal.throwIfAborted();
    sliceStart = performance.now();
  }
  context.signal.throwIfAborted();
  context.progress(items.length, items.length);
}
