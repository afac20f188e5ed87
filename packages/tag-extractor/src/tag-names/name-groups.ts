import type { Candidate } from '../candidates/candidate.js';
import { findAcronyms } from './acronyms.js';
import { tagKey } from './tag-key.js';

/** Names that mean the same, as the caller knows them: `{ 'GenAI': 'generative AI', '生成AI': 'generative AI' }`. */
export type AliasTable = Readonly<Record<string, string>>;

/** Candidates that are one tag. */
export interface NameGroup {
  /** Index of the candidate that stands for the group. */
  readonly head: number;
  /** Indices of the others. */
  readonly others: readonly number[];
  /** Name to show instead of the head's own. */
  readonly name?: string;
}

/** Aliases of the caller by the key of the alias. */
export function indexAliases(aliases: AliasTable): ReadonlyMap<string, string> {
  return new Map(Object.entries(aliases).map(([alias, name]) => [tagKey(alias), name]));
}

/**
 * Joins candidates that mean the same: acronyms with the expansion that the text defines, aliases with the caller's name.
 *
 * @returns groups of two or more candidates, or of one that gets another name; every candidate is in one group at most.
 * @remarks O(text + candidates).
 */
export function groupNames(
  fields: { readonly title: string; readonly body: string },
  candidates: readonly Candidate[],
  aliases: ReadonlyMap<string, string>,
): NameGroup[] {
  const groups = new Map<number, { others: number[]; name?: string }>();
  const taken = new Set<number>();
  if (aliases.size > 0) {
    const byName = new Map<string, number[]>();
    candidates.forEach(({ name }, i) => {
      const key = tagKey(name);
      const canonical = aliases.get(key) ?? name;
      const canonicalKey = tagKey(canonical);
      byName.set(canonicalKey, [...(byName.get(canonicalKey) ?? []), i]);
    });
    for (const [key, members] of byName) {
      const renamed = members.map((i) => aliases.get(tagKey(candidates[i]!.name))).find((name) => name !== undefined);
      if (renamed === undefined) continue;
      const head = members.find((i) => tagKey(candidates[i]!.name) === key) ?? members[0]!;
      for (const i of members) taken.add(i);
      groups.set(head, { others: members.filter((i) => i !== head), name: renamed });
    }
  }
  for (const { short, long } of findAcronyms(fields, candidates)) {
    if (taken.has(short)) continue;
    taken.add(short);
    const group = groups.get(long);
    if (group) group.others.push(short);
    else if (!taken.has(long)) {
      taken.add(long);
      groups.set(long, { others: [short] });
    }
  }
  return Array.from(groups, ([head, { others, name }]) =>
    name === undefined ? { head, others } : { head, others, name },
  );
}
