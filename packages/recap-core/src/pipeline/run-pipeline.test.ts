import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineStage, type PipelineStage, visitItems } from './pipeline-stage.js';
import { type PipelineEvent, runPipeline, StageError } from './run-pipeline.js';
import { createMemoryStageStore, type StageStore } from './stage-store.js';

interface State {
  readonly log: readonly string[];
  readonly numbers: readonly number[];
}
const empty: State = { log: [], numbers: [] };
const stageOf = defineStage<State>();

/** A stage that appends one number and notes in `ran` that it was run. */
function step(name: string, ran: string[], more: Partial<PipelineStage<State, number[]>> = {}): PipelineStage<State> {
  return stageOf<number[]>({
    name,
    run: ({ numbers }) => {
      ran.push(name);
      return [...numbers, numbers.length];
    },
    apply: (state, numbers) => ({ log: [...state.log, name], numbers }),
    ...more,
  });
}
const three = (ran: string[]) => [step('read', ran), step('group', ran), step('write', ran)];

describe('runPipeline', () => {
  it('runs stages in order and tells of each', async () => {
    const events: PipelineEvent[] = [];
    let time = 0;
    const ran: string[] = [];
    const { state, stages } = await runPipeline(three(ran), {
      runId: 'r',
      input: 'i',
      state: empty,
      onEvent: (event) => events.push(event),
      now: () => (time += 5),
    });
    expect(state).toEqual({ log: ['read', 'group', 'write'], numbers: [0, 1, 2] });
    expect(stages.map(({ status, count, elapsedMs }) => [status, count, elapsedMs])).toEqual([
      ['ran', 1, 5],
      ['ran', 2, 5],
      ['ran', 3, 5],
    ]);
    expect(events.map(({ type, stage }) => `${type} ${stage}`)).toEqual([
      ...['start read', 'end read', 'start group', 'end group', 'start write', 'end write'],
    ]);
    expect(empty).toEqual({ log: [], numbers: [] });
  });

  it('goes on at the stage that failed, with the same state', async () => {
    const store = createMemoryStageStore();
    const ran: string[] = [];
    const [read, group, write] = three(ran);
    const cause = new Error('disk full');
    const broken = step('group', ran, {
      run: () => {
        throw cause;
      },
    });
    const options = { runId: 'r', input: 'i', state: empty, store };
    const failed = await runPipeline([read!, broken, write!], options).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(StageError);
    expect(failed).toMatchObject({ stage: 'group', cause, message: 'The stage group failed: disk full' });
    const { state, stages } = await runPipeline([read!, group!, write!], options);
    expect(ran).toEqual(['read', 'group', 'write']);
    expect(stages.map(({ status }) => status)).toEqual(['restored', 'ran', 'ran']);
    expect(state).toEqual((await runPipeline(three([]), { ...options, runId: 'other' })).state);
  });

  it('ends in the same state wherever and however often it is stopped', async () => {
    const whole = await runPipeline(three([]), { runId: 'r', input: 'i', state: empty });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('before save', 'after save'), { maxLength: 6 }), async (stops) => {
        const kept = createMemoryStageStore();
        const left = [...stops];
        const store: StageStore = {
          load: kept.load,
          async save(runId, saved) {
            const stop = left.shift();
            if (stop === 'before save') throw new Error('killed');
            await kept.save(runId, saved);
            if (stop === 'after save') throw new Error('killed');
          },
        };
        for (;;) {
          try {
            const { state } = await runPipeline(three([]), { runId: 'r', input: 'i', state: empty, store });
            expect(state).toEqual(whole.state);
            return;
          } catch (error) {
            expect((error as Error).message).toBe('killed');
          }
        }
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  it.each([
    ['another input', { input: 'j' }, {}, ['read', 'group', 'write']],
    ['a new version of a stage', {}, { version: 2 }, ['group', 'write']],
    ['other settings of a stage', {}, { settings: { model: 'b', size: 1 } }, ['group', 'write']],
    ['settings in another order', {}, { settings: { size: 1, model: 'a' } }, []],
    ['a stage to start from', { from: 'write' }, {}, ['write']],
  ])('runs anew what depends on %s, and nothing else', async (_, change, changedStage, expected) => {
    const store = createMemoryStageStore();
    const settings = { model: 'a', size: 1 };
    const build = (ran: string[], more = {}) => [
      step('read', ran),
      step('group', ran, { settings, ...more }),
      step('write', ran),
    ];
    const options = { runId: 'r', input: 'i', state: empty, store };
    await runPipeline(build([]), options);
    const ran: string[] = [];
    await runPipeline(build(ran, changedStage), { ...options, ...change });
    expect(ran).toEqual(expected);
    const again: string[] = [];
    const { from: _from, ...later } = { from: undefined, ...options, ...change };
    await runPipeline(build(again, changedStage), later);
    expect(again).toEqual([]);
  });

  it('runs a stage again that keeps its own result, saves nothing of it, and takes what was saved behind it', async () => {
    const store = createMemoryStageStore();
    const ran: string[] = [];
    const [read, , write] = three(ran);
    const stages = [read!, step('group', ran, { saved: false }), write!];
    const options = { runId: 'r', input: 'i', state: empty, store };
    const first = await runPipeline(stages, options);
    expect(await store.load('r', 'group')).toBeUndefined();
    const again = await runPipeline(stages, options);
    expect(ran).toEqual(['read', 'group', 'write', 'group']);
    expect(again.stages.map(({ status }) => status)).toEqual(['restored', 'ran', 'restored']);
    expect(again.state).toEqual(first.state);
  });

  it('applies what JSON keeps of an output, resumed or not', async () => {
    const store = createMemoryStageStore();
    const seen: unknown[] = [];
    const stage = defineStage<null>()({
      name: 'dates',
      run: () => ({ at: new Date(0), none: undefined, list: [Number.NaN] }),
      apply: (_, output) => {
        seen.push(output);
        return null;
      },
      count: () => 7,
    });
    const options = { runId: 'r', input: '', state: null, store };
    expect((await runPipeline([stage], options)).stages[0]!.count).toBe(7);
    await runPipeline([stage], options);
    expect(seen[0]).toEqual({ at: '1970-01-01T00:00:00.000Z', list: [null] });
    expect(seen[1]).toEqual(seen[0]);
  });

  it('stops with the reason of the signal, between stages and inside one, and saves no half output', async () => {
    const store = createMemoryStageStore();
    const controller = new AbortController();
    const reason = new Error('enough');
    const ran: string[] = [];
    const [read, , write] = three(ran);
    const slow = stageOf<number[]>({
      name: 'group',
      async run(_, context) {
        await visitItems(
          Array.from({ length: 100 }, (_, i) => i),
          context,
          (i) => {
            if (i === 3) controller.abort(reason);
          },
          0,
        );
        return [];
      },
      apply: (state) => state,
    });
    const progress: number[] = [];
    const options = {
      runId: 'r',
      input: 'i',
      state: empty,
      store,
      signal: controller.signal,
      onEvent: (event: PipelineEvent) => {
        if (event.type === 'progress') progress.push(event.completed);
      },
    };
    await expect(runPipeline([read!, slow, write!], options)).rejects.toBe(reason);
    expect(progress).toEqual([1, 2, 3, 4]);
    expect(await store.load('r', 'group')).toBeUndefined();
    expect((await store.load('r', 'read'))?.output).toEqual([0]);
    await expect(runPipeline([read!], options)).rejects.toBe(reason);
    expect(ran).toEqual(['read']);
  });

  it('names the stage whose output cannot be kept or applied', async () => {
    const options = { runId: 'r', input: 'i', state: empty };
    const silent = stageOf<undefined>({ name: 'silent', run: () => undefined, apply: (state) => state });
    await expect(runPipeline([silent], options)).rejects.toThrow(
      'The stage silent failed: its output must be a value that JSON can hold.',
    );
    const odd = step('odd', [], {
      apply: () => {
        throw new Error('no such article');
      },
    });
    await expect(runPipeline([odd], options)).rejects.toThrow('The stage odd failed: no such article');
  });

  it('refuses stages of one name, a broken version and an unknown start', async () => {
    const options = { runId: 'r', input: 'i', state: empty };
    await expect(runPipeline([step('a', []), step('a', [])], options)).rejects.toThrow('Got a twice.');
    await expect(runPipeline([step('a', [], { version: 0.5 })], options)).rejects.toThrow('version of a');
    await expect(runPipeline([step('a', [])], { ...options, from: 'b' })).rejects.toThrow(
      'must name a stage. Got "b".',
    );
  });
});

describe('createMemoryStageStore', () => {
  it('keeps runs apart and takes the latest output', async () => {
    const store = createMemoryStageStore();
    const saved = (output: unknown) => ({ stage: 's', fingerprint: 'f', output, count: 1, elapsedMs: 0 });
    await store.save('a', saved(1));
    await store.save('a', saved(2));
    expect((await store.load('a', 's'))?.output).toBe(2);
    expect(await store.load('b', 's')).toBeUndefined();
    expect(await store.load('a', 't')).toBeUndefined();
  });
});
