import { defineStage, type PipelineStage, type StageContext } from '@matome/recap-core';
import type { Problem } from '../read/raw-article.js';
import type { Workspace } from './workspace.js';

/** What a stage gives back; it is saved as it is, so it must be JSON. */
export interface StageOutput<Item> {
  readonly items: readonly Item[];
  /** What is told as the result. @default the number of items */
  readonly count?: number;
  readonly problems?: readonly Problem[];
}

/** A stage of the pipeline that says what it counts. */
export interface NewsStage extends PipelineStage<Workspace> {
  /** For people: `articles`. */
  readonly unit: string;
}

/** What {@link newsStage} is made from. */
export interface NewsStageParts<Item> extends Pick<PipelineStage<Workspace>, 'name' | 'saved'> {
  readonly unit: string;
  run(work: Workspace, context: StageContext): Promise<StageOutput<Item>>;
  /** The workspace with the items in it. @default the workspace as it is */
  apply?(work: Workspace, items: readonly Item[]): Promise<Workspace> | Workspace;
}

/** Writes a stage whose output is a list of items and the problems met on the way. */
export function newsStage<Item>({ name, saved, unit, run, apply }: NewsStageParts<Item>): NewsStage {
  const stage = defineStage<Workspace>()<StageOutput<Item>>({
    name,
    ...(saved === undefined ? {} : { saved }),
    run,
    async apply(work, { items, problems = [] }) {
      const next = apply ? await apply(work, items) : work;
      return { ...next, problems: [...next.problems, ...problems] };
    },
    count: ({ items, count }) => count ?? items.length,
  });
  return { ...stage, unit };
}
