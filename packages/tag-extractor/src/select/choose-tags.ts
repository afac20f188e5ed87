import type { Candidate } from '../candidates/candidate.js';
import { logistic } from '../rank/ranker.js';
import type { Tag, TagOffset } from '../tag.js';
import { findAcronyms } from '../tag-names/acronyms.js';
import { tagKey } from '../tag-names/tag-key.js';
import { type Selection, selectTags } from './select-tags.js';

/** What the choice of tags depends on. */
export interface ChoiceSettings extends Selection {
  /** Tags below are left out. */
  readonly minConfidence: number;
}

/**
 * Makes tags of ranked candidates: joins acronyms with their expansion, leaves out twins, chooses.
 *
 * @returns tags, highest confidence first.
 */
export async function chooseTags(
  fields: { readonly title: string; readonly body: string },
  candidates: readonly Candidate[],
  fused: { readonly logits: Float64Array; readonly vectorsOf?: Parameters<typeof selectTags>[4] },
  settings: ChoiceSettings,
): Promise<Tag[]> {
  const probabilities = fused.logits.map(logistic);
  const aliases = new Map<number, number[]>();
  const excluded = new Set<number>();
  for (const { short, long } of findAcronyms(fields, candidates)) {
    // The pair is one tag, as sure as its surer name.
    probabilities[long] = Math.max(probabilities[long]!, probabilities[short]!);
    aliases.set(long, [...(aliases.get(long) ?? []), short]);
    excluded.add(short);
  }
  for (let i = 0; i < probabilities.length; i++) if (probabilities[i]! < settings.minConfidence) excluded.add(i);
  excludeTwins(candidates, probabilities, excluded);
  const chosen = await selectTags(candidates, probabilities, excluded, settings, fused.vectorsOf);
  return chosen.map((i) => {
    const others = (aliases.get(i) ?? []).map((short) => candidates[short]!);
    const offsets = [candidates[i]!, ...others].flatMap(({ occurrences }) => occurrences.map(toOffset)).sort(byPlace);
    const names = others.map(({ name }) => name);
    return { name: candidates[i]!.name, confidence: probabilities[i]!, aliases: names, offsets };
  });
}

/** Candidates are twins by their words; their whole names can still be: keeps the more likely one. */
function excludeTwins(candidates: readonly Candidate[], probabilities: Float64Array, excluded: Set<number>): void {
  const best = new Map<string, number>();
  candidates.forEach(({ name }, i) => {
    if (excluded.has(i)) return;
    const key = tagKey(name);
    const other = best.get(key);
    if (other !== undefined && probabilities[other]! >= probabilities[i]!) {
      excluded.add(i);
      return;
    }
    if (other !== undefined) excluded.add(other);
    best.set(key, i);
  });
}

function toOffset({ field, start, end }: TagOffset): TagOffset {
  return { field, start, end };
}

function byPlace(a: TagOffset, b: TagOffset): number {
  return a.field === b.field ? a.start - b.start || a.end - b.end : a.field === 'title' ? -1 : 1;
}
