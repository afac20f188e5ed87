/**
 * Cuts a text into pieces of at most `size` characters, at white space where there is some in the second half of a
 * piece, never inside a surrogate pair; white space at the ends of pieces is dropped.
 *
 * @param size - UTF-16 units.
 * @returns no piece for a text without anything to see.
 */
export function chunkText(text: string, size: number): string[] {
  const pieces: string[] = [];
  let rest = text.trim();
  while (rest.length > size) {
    let end = size;
    for (let at = size; at > size / 2; at--) {
      if (/\s/.test(rest[at]!)) {
        end = at;
        break;
      }
    }
    if (isHighSurrogate(rest, end - 1) && end > 1) end--;
    pieces.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  if (rest !== '') pieces.push(rest);
  return pieces;
}

function isHighSurrogate(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xd800 && code < 0xdc00;
}
