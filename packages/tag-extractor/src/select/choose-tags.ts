import type { TagCalibration } from '../calibration.js';
import type { Candidate } from '../candidates/candidate.js';
import { logistic } from '../rank/ranker.js';
import type { Tag, TagOffset } from '../tag.js';
import { groupNames, type NameGroup } from '../tag-names/name-groups.js';
import { tagKey } from '../tag-names/tag-key.js';
import { lookedAt, orderByProbability, type Selection, selectTags } from './select-tags.js';

/** What the choice of tags depends on. */
export interface ChoiceSettings extends Selection {
  /** Tags below are left out. */
  readonly minConfidence: number;
  /** Corrects the confidences before anything is left out. */
  readonly calibration?: TagCalibration;
  /** Names by the key of an alias. */
  readonly aliases: ReadonlyMap<string, string>;
}

/**
 * Makes tags of ranked candidates: joins what means the same, leaves out twins, chooses.
 *
 * @returns tags, highest confidence first.
 */
export async function chooseTags(
  fields: { readonly title: string; readonly body: string },
  candidates: readonly Candidate[],
  fused: { readonly logits: Float64Array; readonly vectorsOf?: Parameters<typeof selectTags>[4] },
  settings: ChoiceSettings,
): Promise<Tag[]> {
  const { slope, offset } = settings.calibration ?? { slope: 1, offset: 0 };
  const probabilities = fused.logits.map((logit) => logistic(slope * logit + offset));
  const groups = new Map<number, NameGroup>();
  const excluded = new Set<number>();
  for (const group of groupNames(fields, candidates, settings.aliases)) {
    groups.set(group.head, group);
    for (const other of group.others) {
      // A group is one tag, as sure as its surest name.
      probabilities[group.head] = Math.max(probabilities[group.head]!, probabilities[other]!);
      excluded.add(other);
    }
  }
  for (let i = 0; i < probabilities.length; i++) if (probabilities[i]! < settings.minConfidence) excluded.add(i);
  const order = withoutTwins(candidates, orderByProbability(probabilities, excluded), lookedAt(settings));
  const chosen = await selectTags(candidates, probabilities, order, settings, fused.vectorsOf);
  return chosen.map((i) => {
    const group = groups.get(i);
    const members = [candidates[i]!, ...(group?.others ?? []).map((other) => candidates[other]!)];
    const name = group?.name ?? candidates[i]!.name;
    const offsets = members.flatMap(({ occurrences }) => occurrences.map(toOffset)).sort(byPlace);
    const aliases = members.map((member) => member.name).filter((other) => tagKey(other) !== tagKey(name));
    return { name, confidence: probabilities[i]!, aliases, offsets };
  });
}

/** Candidates are twins by their words; their whole names can still be: the first `count` of the more likely ones. */
function withoutTwins(candidates: readonly Candidate[], order: readonly number[], count: number): number[] {
  const keys = new Set<string>();
  const kept: number[] = [];
  for (const i of order) {
    if (kept.length === count) break;
    const key = tagKey(candidates[i]!.name);
    if (keys.has(key)) continue;
    keys.add(key);
    kept.push(i);
  }
  return kept;
}

function toOffset({ field, start, end }: TagOffset): TagOffset {
  return { field, start, end };
}

function byPlace(a: TagOffset, b: TagOffset): number {
  return a.field === b.field ? a.start - b.start || a.end - b.end : a.field === 'title' ? -1 : 1;
}
