import type { RandomSource } from '@matome/primitives/random';

/**
 * Draws places of [0, `size`) that are not excluded.
 *
 * @param excluded - places that must not be drawn, all in [0, size).
 * @param replacement - whether a place may be drawn twice.
 * @returns `count` places, fewer (without replacement) or none when too few are eligible.
 * @remarks O(count) expected while few places are excluded, O(size) at worst.
 * @example
 * drawNegatives(3, 2, new Set([1]), false, createRandom(1)).toSorted() // => [0, 2]
 */
export function drawNegatives(
  size: number,
  count: number,
  excluded: ReadonlySet<number>,
  replacement: boolean,
  random: RandomSource,
): number[] {
  const eligible = size - excluded.size;
  const wanted = replacement ? (eligible > 0 ? count : 0) : Math.min(count, eligible);
  // Trying again is cheap only while most tries succeed.
  if (2 * (excluded.size + (replacement ? 0 : wanted)) > size) {
    return drawFromList(remaining(size, excluded), wanted, replacement, random);
  }
  const drawn: number[] = [];
  const taken = new Set(excluded);
  while (drawn.length < wanted) {
    const place = Math.floor(random() * size);
    if (taken.has(place)) continue;
    drawn.push(place);
    if (!replacement) taken.add(place);
  }
  return drawn;
}

function remaining(size: number, excluded: ReadonlySet<number>): number[] {
  const places: number[] = [];
  for (let place = 0; place < size; place++) if (!excluded.has(place)) places.push(place);
  return places;
}

function drawFromList(places: number[], count: number, replacement: boolean, random: RandomSource): number[] {
  const drawn: number[] = [];
  for (let i = 0; i < count; i++) {
    const first = replacement ? 0 : i;
    const j = first + Math.floor(random() * (places.length - first));
    drawn.push(places[j]!);
    if (!replacement) [places[i], places[j]] = [places[j]!, places[i]!];
  }
  return drawn;
}
