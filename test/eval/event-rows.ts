import { createTokenizer, type LanguageCode, loadJapaneseAnalyzer, type Tokenizer } from '@matome/primitives/text';
import { readRows } from './read-rows.js';
import { type EvalContext, EvalInputError } from './task.js';

/** A row of an events file. */
export interface EventRow {
  readonly id: string;
  readonly language: LanguageCode;
  readonly title?: string;
  readonly text: string;
  readonly event: string;
  readonly published_at?: string;
  readonly set?: string;
  readonly split?: string;
  readonly digest?: boolean;
}

/** Options that choose rows, with their help. */
export const eventRowOptions = {
  set: 'only rows whose field "set" has this value',
  split: 'only rows whose field "split" has this value',
} as const;

/** Rows that tell of one event and that the options select. @throws EvalInputError when there is none. */
export async function readEventRows({ data, options, limit }: EvalContext): Promise<EventRow[]> {
  const rows = (await readRows<EventRow>(data, ['id', 'language', 'text', 'event']))
    .filter((row) => row.digest !== true)
    .filter((row) => options['set'] === undefined || row.set === options['set'])
    .filter((row) => options['split'] === undefined || row.split === options['split'])
    .slice(0, limit);
  if (rows.length === 0) throw new EvalInputError(`${data} holds no row that the options select.`);
  return rows;
}

/** `--threshold` of `groupStories`, where given. */
export function storyThreshold({ options }: EvalContext): { readonly threshold?: number } {
  if (options['threshold'] === undefined) return {};
  const threshold = Number(options['threshold']);
  if (!(threshold > 0 && threshold <= 1)) {
    throw new EvalInputError(
      `--threshold must be a number above 0, at most 1. Got ${JSON.stringify(options['threshold'])}.`,
    );
  }
  return { threshold };
}

/** The tokenizer for the languages of the rows: Japanese words come from the analyser. */
export async function tokenizerFor(rows: readonly EventRow[], stemming: boolean): Promise<Tokenizer> {
  const japanese = rows.some(({ language }) => language === 'ja') ? await loadJapaneseAnalyzer() : undefined;
  return createTokenizer({ stemming, ...(japanese ? { japanese } : {}) });
}
