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

/**
 * Names of the caller by the key of the alias; an alias of an alias leads to the last name.
 *
 * @param caller - for the error message.
 * @throws RangeError if a name holds no letter or digit, or aliases lead round in a circle.
 */
export function indexAliases(caller: string, aliases: AliasTable): ReadonlyMap<string, string> {
  const next = new Map<string, string>();
  for (const [alias, name] of Object.entries(aliases)) {
    if (typeof name !== 'string' || tagKey(name) === '') {
      const got = `${JSON.stringify(name)} for ${JSON.stringify(alias)}`;
      throw new RangeError(`The aliases option of ${caller} must give names with a letter or digit. Got ${got}.`);
    }
    next.set(tagKey(alias), name);
  }
  const last = (first: string, name: string): string => {
    const seen = new Set([first]);
    for (let at = name; ; ) {
      const key = tagKey(at);
      const further = next.get(key);
      // A name that is its own alias only fixes the spelling.
      if (further === undefined || tagKey(further) === key) return further ?? at;
      if (seen.has(key))
        throw new RangeError(`The aliases option of ${caller} leads round in a circle at ${JSON.stringify(at)}.`);
      seen.add(key);
      at = further;
    }
  };
  return new Map(Array.from(next, ([key, name]) => [key, last(key, name)]));
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
