import { scriptShares } from '@matome/primitives/text';

/**
 * Which of two models a text belongs to, by its characters alone: Japanese where more than a tenth are kana or Han,
 * English where more than three tenths are Latin; where neither is reached, whichever script occurs at all.
 *
 * @returns `und` for a text without letters of either script.
 * @example
 * routeLanguage('新しいスマートフォン iPhone') // => 'ja'
 */
export function routeLanguage(text: string): 'en' | 'ja' | 'und' {
  if (text === '') return 'und';
  const { latin, kana, han, letters } = scriptShares(text);
  const japanese = ((kana + han) * letters) / text.length;
  const english = (latin * letters) / text.length;
  if (japanese > 0.1) return 'ja';
  if (english > 0.3) return 'en';
  if (japanese > 0) return 'ja';
  return english > 0 ? 'en' : 'und';
}
