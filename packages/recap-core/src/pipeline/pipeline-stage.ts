import { nextTurn } from '@matome/primitives/async';

/** What a stage gets from the runner. */
export interface StageContext {
  readonly signal: AbortSignal;
  /** Tells how many of how many items are done; `total` is 0 while unknown. */
  progress(completed: number, total: number): void;
}

/**
 * One step of a pipeline over a state that grows from step to step.
 *
 * `run` computes an output, `apply` puts it into the state. A resumed pipeline applies the saved outputs of earlier
 * stages without running them, so both ways go through the same code.
 */
export interface PipelineStage<State, Output = unknown> {
  /** Unique in its pipeline. */
  readonly name: string;
  /** Rises when the same input gives another output: what was saved before is then computed anew. @default 1 */
  readonly version?: number;
  /** What the output depends on beside the state: options, the fingerprint of a model. Must survive JSON. @default none */
  readonly settings?: unknown;
  /**
   * False for a stage that leaves its result somewhere itself, in one transaction for instance: its output is not saved, and it
   * runs again when a run is gone on with. What was saved of later stages stays good.
   *
   * @default true
   */
  readonly saved?: boolean;
  /** Computes the output, which must survive JSON; must not change the state. */
  run(state: Readonly<State>, context: StageContext): Output | Promise<Output>;
  /** The state with the output in it; a new one, the given one is kept. */
  apply(state: Readonly<State>, output: Output): State | Promise<State>;
  /** How many items an output holds, for people. @default the length of an array, else 1 */
  count?(output: Output): number;
}

/**
 * Writes a stage whose output type is inferred, for a list of stages over one state.
 *
 * @example
 * const stage = defineStage<{ total: number }>()({
 *   name: 'add',
 *   run: ({ total }) => total + 1,
 *   apply: (state, total) => ({ ...state, total }),
 * });
 * stage.name // => 'add'
 */
export function defineStage<State>(): <Output>(stage: PipelineStage<State, Output>) => PipelineStage<State> {
  // Outputs go from `run` to `apply` of the same stage only, so a list of stages need not know their types.
  return (stage) => stage as unknown as PipelineStage<State>;
}

/**
 * Visits items in order, tells the progress, and gives other work of the process its turn.
 *
 * @param sliceMs - longest time before that, in milliseconds. Default 20.
 * @throws the signal's reason when aborted; whatever `visit` throws.
 * @example
 * const seen: number[] = [];
 * const context = { signal: new AbortController().signal, progress: () => undefined };
 * await visitItems([1, 2], context, (item) => void seen.push(item));
 * seen // => [1, 2]
 */
export async function visitItems<T>(
  items: readonly T[],
  context: StageContext,
  visit: (item: T, index: number) => void | Promise<void>,
  sliceMs = 20,
): Promise<void> {
  let sliceStart = performance.now();
  for (const [i, item] of items.entries()) {
    await visit(item, i);
    if (performance.now() - sliceStart < sliceMs) continue;
    context.progress(i + 1, items.length);
    await nextTurn(context.signal);
    sliceStart = performance.now();
  }
  context.signal.throwIfAborted();
  context.progress(items.length, items.length);
}
