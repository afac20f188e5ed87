import { describe, expect, it } from 'vitest';
import { decodeText } from './decode-text.js';

const shiftJis = Uint8Array.from([0x89, 0x4a, 0x82, 0xaa, 0x8d, 0x7e, 0x82, 0xc1, 0x82, 0xbd]);
const eucJp = Uint8Array.from([0xb1, 0xab, 0xa4, 0xac, 0xb9, 0xdf, 0xa4, 0xc3, 0xa4, 0xbf]);
const rain = '雨が降った';
const ascii = (text: string) => new TextEncoder().encode(text);
const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

describe('decodeText', () => {
  it('reads Japanese encodings without a declaration', () => {
    expect(decodeText(shiftJis)).toEqual({ text: rain, encoding: 'shift_jis', replaced: 0 });
    expect(decodeText(eucJp)).toEqual({ text: rain, encoding: 'euc-jp', replaced: 0 });
  });

  it('believes the header before the markup, and the markup before the bytes', () => {
    expect(decodeText(eucJp, 'x-euc-jp').encoding).toBe('euc-jp');
    const page = join(ascii('<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">'), shiftJis);
    expect(decodeText(page).text).toContain(rain);
    expect(decodeText(join(ascii('<?xml version="1.0" encoding="EUC-JP"?>'), eucJp)).text).toContain(rain);
    expect(decodeText(Uint8Array.of(0x80), 'windows-1252').text).toBe('€');
  });

  it('does not believe a declaration that the bytes contradict', () => {
    const utf8 = join(ascii('<meta charset="shift_jis">'), new TextEncoder().encode('“quoted” – 雨が'));
    expect(decodeText(utf8).encoding).toBe('utf-8');
    expect(decodeText(join(ascii('<meta charset="utf-8">'), eucJp)).text).toContain(rain);
  });

  it('reads byte order marks, and takes nothing in markup for UTF-16', () => {
    expect(decodeText(Uint8Array.of(0xff, 0xfe, 0x41, 0))).toMatchObject({ text: 'A', encoding: 'utf-16le' });
    expect(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41)).text).toBe('A');
    expect(decodeText(ascii('<meta charset="utf-16"><p>x')).encoding).toBe('utf-8');
  });

  it('counts what had to be replaced in damaged UTF-8, and reads an old western page as such', () => {
    const damaged = join(new TextEncoder().encode('naïve café – “über” 100 €'), Uint8Array.of(0xff));
    expect(decodeText(damaged)).toMatchObject({ encoding: 'utf-8', replaced: 1 });
    expect(decodeText(Uint8Array.from([0x63, 0x61, 0x66, 0xe9]))).toMatchObject({ text: 'café', replaced: 0 });
  });

  it('ignores an unknown label', () => {
    expect(decodeText(ascii('plain'), 'no-such-encoding').text).toBe('plain');
  });
});
