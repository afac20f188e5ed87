import { describe, expect, it } from 'vitest';
import { tagKey } from '../tag-names/tag-key.js';
import { countTagsInUse } from './tags-in-use.js';

describe('countTagsInUse', () => {
  it('counts variants of a name as one tag, under the spelling that most use', () => {
    const { byKey } = countTagsInUse([['Web service'], ['web services', 'XML'], ['web services']]);
    expect(byKey.get(tagKey('web service'))).toEqual({ name: 'web services', count: 3 });
    expect(byKey.size).toBe(2);
  });
  it('takes the first of equally common spellings', () => {
    expect([...countTagsInUse([['Tea'], ['tea']]).byKey.values()]).toEqual([{ name: 'Tea', count: 2 }]);
  });
  it('counts a tag once an article and leaves names without letters out', () => {
    const { byKey, keysOf } = countTagsInUse([['tea', 'Teas', '', ' -- ', ' green  tea '], []]);
    expect([...byKey.values()]).toEqual([
      { name: 'tea', count: 1 },
      { name: 'green tea', count: 1 },
    ]);
    expect(keysOf.map(({ size }) => size)).toEqual([2, 0]);
  });
});
