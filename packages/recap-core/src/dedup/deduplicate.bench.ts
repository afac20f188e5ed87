import { createRandom } from '@matome/primitives/random';
import { bench, describe } from 'vitest';
import { deduplicate } from './deduplicate.js';

const random = createRandom(1);
const vocabulary = Array.from({ length: 5000 }, (_, i) => `word${i.toString(36)}`);
const draw = () => vocabulary[Math.floor(5000 * random() ** 2)]!;
const documents = Array.from({ length: 200 }, (_, i) => ({
  id: String(i),
  text: Array.from({ length: 200 }, draw).join(' '),
}));
for (let i = 0; i < 80; i++) {
  const copy = documents[i]!.text.split(' ').map((word) => (random() < 0.05 ? draw() : word));
  documents.push({ id: `copy ${i}`, text: copy.join(' ') });
}

/** Every pair by the Jaccard similarity of their word triples. */
function allPairs(): number {
  const sets = documents.map(({ text }) => {
    const words = text.split(' ');
    return new Set(words.slice(2).map((word, i) => `${words[i]} ${words[i + 1]} ${word}`));
  });
  let pairs = 0;
  for (let i = 0; i < sets.length; i++) {
    for (let j = 0; j < i; j++) {
      let shared = 0;
      for (const shingle of sets[i]!) if (sets[j]!.has(shingle)) shared++;
      if (shared >= 0.4 * (sets[i]!.size + sets[j]!.size - shared)) pairs++;
    }
  }
  return pairs;
}

const found = deduplicate(documents).groups.length;
describe(`280 documents, 80 edited copies: ${found} groups by deduplicate, ${allPairs()} pairs by all pairs`, () => {
  bench('deduplicate', () => void deduplicate(documents), { iterations: 5 });
  bench('all pairs by Jaccard', () => void allPairs(), { iterations: 2 });
});
