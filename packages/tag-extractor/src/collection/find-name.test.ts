import { describe, expect, it } from 'vitest';
import { tagKey } from '../tag-names/tag-key.js';
import { createNameFinder } from './find-name.js';

function places(title: string, body: string, name: string): string[] {
  const text = { title, body };
  return createNameFinder(text)(name, tagKey(name)).map(({ field, start, end }) => text[field].slice(start, end));
}

describe('createNameFinder', () => {
  it('finds variants of a name in both fields, in order', () => {
    const found = places('Neural networks', 'A neural-network beats two Neural\nNetworks.', 'neural network');
    expect(found).toEqual(['Neural networks', 'neural-network', 'Neural\nNetworks']);
    expect(places('', 'They colour wave forms.', 'color waveform')).toEqual(['colour wave forms']);
    expect(places('', 'ＡＩ is here', 'AI')).toEqual(['ＡＩ']);
  });
  it('does not run across sentences, fields or parts of words', () => {
    expect(places('web', 'services', 'web services')).toEqual([]);
    expect(places('', 'It left the web. Services followed.', 'web services')).toEqual([]);
    expect(places('', 'Carpets are cheap.', 'pet')).toEqual([]);
    expect(places('', 'The web of services', 'web services')).toEqual([]);
  });
  it('finds Japanese names where the script changes', () => {
    expect(places('', '京都の寺。東京都の寺。', '京都')).toEqual(['京都']);
    expect(places('クラウド', 'クラウドサービス', 'クラウド')).toEqual(['クラウド']);
    expect(places('', '生成AIを使う', '生成AI')).toEqual(['生成AI']);
  });
  it('finds nothing for a name without letters, and nothing in an empty text', () => {
    expect(places('a', 'b', '!!')).toEqual([]);
    expect(places('', '', 'a')).toEqual([]);
  });
});
