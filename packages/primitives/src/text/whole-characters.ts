/** The place before which a text can be cut next to `end`: `end` itself, or one before it inside a surrogate pair. */
export function wholeCharacters(text: string, end: number): number {
  const c = text.charCodeAt(end - 1);
  return c >= 0xd800 && c <= 0xdbff ? end - 1 : end;
}
