/**
 * Encodes text as UTF-8, Shift_JIS or EUC-JP.
 *
 * The platform only encodes UTF-8, so the tables of the other two come from its decoder run
 * backwards over every one-byte and two-byte code. Where several codes mean one character the
 * lowest wins.
 *
 * @throws Error if the text has a character the charset lacks.
 */
export function encode(text, charset) {
  if (charset === 'UTF-8') return Buffer.from(text, 'utf8');
  const table = tableOf(charset);
  const bytes = [];
  for (const character of text) {
    const code = table.get(character);
    if (code === undefined) throw new Error(`${charset} cannot write “${character}”.`);
    bytes.push(...code);
  }
  return Buffer.from(bytes);
}

function tableOf(charset) {
  const decoder = new TextDecoder(charset, { fatal: true });
  const table = new Map();
  const add = (...code) => {
    const character = decodeOrNothing(decoder, code);
    if (character !== undefined && [...character].length === 1 && !table.has(character)) table.set(character, code);
  };
  for (let byte = 0; byte < 0x80; byte++) add(byte);
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) add(lead, trail);
  }
  return table;
}

function decodeOrNothing(decoder, code) {
  try {
    return decoder.decode(Uint8Array.from(code));
  } catch {
    // Most byte pairs mean nothing in these charsets: that is the answer, not a fault.
    return undefined;
  }
}
