import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/**
 * SHA-256 of a file in hex. One buffer serves all of it: models are hashed at every load, and megabytes of buffers that
 * wait for the collector would be most of what a process that reloads them grows by.
 *
 * @param onChunk - sees every piece; it must not keep it.
 */
export async function hashFile(path: string, onChunk?: (chunk: Buffer) => void): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(2 ** 20);
  const file = await open(path);
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer);
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      hash.update(chunk);
      onChunk?.(chunk);
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}
