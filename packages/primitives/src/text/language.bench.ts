import { bench, describe } from 'vitest';
import { createLanguageDetector } from './index.js';

const subjects = [
  'The central bank',
  'A storm in the north',
  'The old harbour',
  'Our new search engine',
  'The city council',
];
const verbs = ['raises', 'closes', 'opens', 'explains', 'postpones', 'welcomes', 'rejects', 'rebuilds'];
const objects = ['its key rate', 'all schools', 'two piers', 'the winter timetable', 'a plan for the river'];
const english = subjects.flatMap((s) => verbs.flatMap((v) => objects.map((o) => `${s} ${v} ${o}`)));
const japanese = english.map((_, i) => `市議会は新しい桟橋の建設計画を第${i}回会合で承認`);
const detect = await createLanguageDetector();
const { eld } = await import('eld/small');
const rightEnglish = english.filter((title) => detect(title).language === 'en').length;
const rightJapanese = japanese.filter((title) => detect(title).language === 'ja').length;

describe(`language of 200 titles; right: English ${rightEnglish}, Japanese ${rightJapanese}`, () => {
  bench('English, detector', () => {
    for (const title of english) detect(title);
  });
  bench('English, bare eld with scores', () => {
    for (const title of english) eld.detect(title).getScores();
  });
  bench('Japanese, detector', () => {
    for (const title of japanese) detect(title);
  });
});
