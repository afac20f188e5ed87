import { describe, expect, it } from 'vitest';
import { dropRepeatedSentences } from './repeated-sentences.js';

const document = (...texts: string[]) => ({ id: texts[0]!, sentences: texts.map((text) => ({ text })) });

describe('dropRepeatedSentences', () => {
  it('drops what many documents share, whatever its case and spaces, and counts it', () => {
    const documents = [
      document('One.', 'Read more here.'),
      document('Two.', 'READ  MORE HERE.'),
      document('Three.', 'Read more here.', 'Once.'),
      document('Four.', 'Ｒead more here.'),
    ];
    const result = dropRepeatedSentences(documents);
    expect(result.documents.map(({ sentences }) => sentences.map(({ text }) => text))).toEqual([
      ['One.'],
      ['Two.'],
      ['Three.', 'Once.'],
      ['Four.'],
    ]);
    expect(result).toMatchObject({ totalSentences: 9, uniqueSentences: 6, droppedSentences: 4 });
    expect(result.documents[0]!.id).toBe('One.');
  });

  it('counts a sentence once a document and keeps what too few documents share', () => {
    const documents = [
      document('Ha.', 'Ha.', 'Ha.', 'Ha.', 'One.'),
      document('Ha.', 'Two.'),
      document('Ha.', 'Three.'),
    ];
    expect(dropRepeatedSentences(documents).droppedSentences).toBe(0);
    expect(dropRepeatedSentences(documents, { minDocuments: 3 }).droppedSentences).toBe(6);
  });

  it('asks for a share of a large set', () => {
    const documents = Array.from({ length: 1000 }, (_, i) =>
      document(`Text ${i}.`, i < 8 ? 'Weather permitting.' : `More ${i}.`),
    );
    expect(dropRepeatedSentences(documents).droppedSentences).toBe(0);
    expect(dropRepeatedSentences(documents, { minShare: 0.005 }).droppedSentences).toBe(8);
  });

  it('leaves a document that holds nothing else as it is', () => {
    const documents = Array.from({ length: 5 }, () => document('Read more here.'));
    expect(dropRepeatedSentences(documents).documents).toEqual(documents);
    expect(dropRepeatedSentences([]).totalSentences).toBe(0);
  });

  it('refuses options outside their range', () => {
    expect(() => dropRepeatedSentences([], { minDocuments: 1 })).toThrow('must be an integer in [2, ∞). Got 1.');
  });
});
