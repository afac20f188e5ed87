import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sanitizeInput } from './sanitize-input.js';

const body = 'The central bank raised its key rate on Thursday.';

function violationOf(title: string, text: string, options = {}): readonly string[] {
  const input = sanitizeInput({ title, body: text }, options);
  return input.status === 'invalid' ? input.violations : [];
}

describe('sanitizeInput', () => {
  it('decodes entities once and keeps text that only looks like markup', () => {
    const input = sanitizeInput({ title: 'R&amp;D &lt;b&gt;', body: 'AT&T pays if a < b and c > d holds for x.' });
    expect(input).toMatchObject({ title: 'R&D <b>', body: 'AT&T pays if a < b and c > d holds for x.' });
  });
  it('takes the main text out of HTML, without code, scripts and navigation', () => {
    const html = `<nav><a>Home</a></nav><p>${body}</p><pre>let x = 1;</pre><script>alert(1)</script><p>More.</p>`;
    expect(sanitizeInput({ title: 'T', body: html })).toMatchObject({ status: 'valid', body: `${body}\nMore.` });
  });
  it('collapses spaces but keeps the ends of blocks', () => {
    expect(sanitizeInput({ title: ' a \n b ', body: ` ${body} \n\n\t${body}` })).toMatchObject({
      title: 'a b',
      body: `${body}\n${body}`,
    });
  });
  it('composes characters', () => {
    expect(sanitizeInput({ title: 'Cafe\u0301', body })).toMatchObject({ title: 'Café' });
  });
  it('removes control characters with a warning, or refuses them', () => {
    expect(sanitizeInput({ title: 'a\u0000b', body })).toMatchObject({
      title: 'ab',
      warnings: ['Control characters removed'],
    });
    expect(violationOf('a\u0000b', body, { controlCharacters: 'reject' })).toEqual(['Contains control characters']);
  });
  it('names the limit that was passed', () => {
    expect(violationOf('t', ' \n ')).toEqual(['Content too short']);
    expect(violationOf('t'.repeat(1001), body, { overlong: 'reject' })).toEqual(['Title too long']);
    expect(violationOf('t', 'word '.repeat(20_001), { overlong: 'reject' })).toEqual(['Content too long']);
    const input = (url: string) => sanitizeInput({ title: 't', body, url });
    expect(input('ftp://a')).toMatchObject({ violations: ['Invalid URL format'] });
    expect(input(`http://a/${'x'.repeat(2048)}`)).toMatchObject({ violations: ['URL too long'] });
    expect(input('https://example.com/a?b')).toMatchObject({ status: 'valid' });
  });
  it('cuts long text after a sentence, in both languages', () => {
    const english = sanitizeInput(
      { title: 't', body: Array.from({ length: 300 }, (_, i) => `Word${i} went on.`).join(' ') },
      { maxBodyLength: 1000 },
    );
    expect(english.status === 'valid' && english.body.length <= 1000 && english.body.endsWith('went on.')).toBe(true);
    const text = Array.from({ length: 300 }, (_, i) => `第${i}回の会議が開かれた。`).join('');
    const japanese = sanitizeInput({ title: 't', body: text }, { maxBodyLength: 1000 });
    expect(japanese.status === 'valid' && japanese.body.endsWith('開かれた。')).toBe(true);
  });
  it('refuses repetition, signs and shouting', () => {
    for (const text of [
      'spam '.repeat(10_000),
      '!?#$ '.repeat(50),
      'BUY NOW AND SAVE BIG MONEY TODAY FRIENDS',
      '🎉🎊🥳🎈'.repeat(20),
      '買え'.repeat(500),
      '。。。！！！'.repeat(10),
    ]) {
      expect(violationOf('', text)).toEqual(['Suspicious patterns detected']);
    }
  });
  it('accepts right-to-left and Japanese text with many signs', () => {
    expect(sanitizeInput({ title: '', body: 'أعلن البنك المركزي رفع سعر الفائدة الرئيسي اليوم.' }).status).toBe(
      'valid',
    );
    expect(sanitizeInput({ title: '', body: '「日銀」が、利上げ（0.25%）を決定！！【速報】' }).status).toBe('valid');
  });
  it('never throws and gives text in one form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ unit: 'grapheme' }), (text, title) => {
        const input = sanitizeInput({ title, body: text });
        if (input.status === 'invalid') return;
        expect(input.body).toBe(input.body.normalize('NFC').trim());
        expect(input.body).not.toMatch(/[\u0000-\u0008\u000b-\u001f]| {2}|\n /);
        expect(input.sanitizedLength).toBe(input.title.length + input.body.length);
      }),
    );
  });
  it('refuses fields that are no text, and options out of range', () => {
    for (const document of [
      { title: null, body: 'A body.' },
      { title: 'A title', body: 5 },
    ]) {
      expect(sanitizeInput(document as never)).toMatchObject({
        status: 'invalid',
        violations: ['Title and content must be text'],
      });
    }
    expect(sanitizeInput({ title: 'A title', body: 'A body.', url: null } as never).status).toBe('valid');
    expect(() => sanitizeInput({ title: '', body: 'A body.' }, { maxBodyLength: 0 })).toThrow(
      'The maxBodyLength option of sanitizeInput must be an integer in [1, ∞). Got 0.',
    );
  });
});
