import { checkInteger, checkNumber } from '@matome/primitives/options';

/** Numbers by which refining decides. */
export interface RefineSettings {
  /** Share of the keys that are refined, in per cent. @default 100 */
  readonly rolloutPercent: number;
  /** Leaves articles without tags as they are. @default true */
  readonly requireTags: boolean;
  /** Least confidence of a tag that names a genre. @default 0.6 */
  readonly tagConfidenceGate: number;
  /** Lead in score from which the graph decides. @default 0.15 */
  readonly graphMargin: number;
  /** Boost from which the graph decides. @default 0.1 */
  readonly boostThreshold: number;
  /** Tags an article needs before the graph decides. @default 0 */
  readonly tagCountThreshold: number;
  /** Lead below which candidates count as tied. @default 0.05 */
  readonly weightedTieBreakMargin: number;
  /** Confidence the classifier must have in a genre that the graph chooses. @default 0.15 */
  readonly minClassifierConfidence: number;
  /** Boost from which a genre that the classifier did not name becomes a candidate. @default 0.3 */
  readonly expansionThreshold: number;
  /** The genre of an article without any candidate. @default 'other' */
  readonly fallbackGenre: string;
}

const defaults: RefineSettings = {
  rolloutPercent: 100,
  requireTags: true,
  tagConfidenceGate: 0.6,
  graphMargin: 0.15,
  boostThreshold: 0.1,
  tagCountThreshold: 0,
  weightedTieBreakMargin: 0.05,
  minClassifierConfidence: 0.15,
  expansionThreshold: 0.3,
  fallbackGenre: 'other',
};

/**
 * Fills in what is not given and checks the rest, so that no pushed setting out of range is ever used.
 *
 * @throws RangeError that names the setting.
 * @example
 * refineSettings({ graphMargin: 0.2 }).boostThreshold // => 0.1
 */
export function refineSettings(given: Partial<RefineSettings> = {}): RefineSettings {
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const settings: RefineSettings = { ...defaults, ...known };
  const caller = 'refineGenres';
  checkNumber(caller, 'rolloutPercent', settings.rolloutPercent, { min: 0, max: 100 });
  for (const name of [
    'tagConfidenceGate',
    'minClassifierConfidence',
    'weightedTieBreakMargin',
    'graphMargin',
  ] as const) {
    checkNumber(caller, name, settings[name], { min: 0, max: 1 });
  }
  for (const name of ['boostThreshold', 'expansionThreshold'] as const)
    checkNumber(caller, name, settings[name], { min: 0 });
  checkInteger(caller, 'tagCountThreshold', settings.tagCountThreshold, { min: 0 });
  return settings;
}
