import type { Matrix } from '@matome/primitives/linalg';
import { checkInteger } from '@matome/primitives/options';
import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { ArtifactError } from './artifact-error.js';

/** Ids and vectors of some items, row by row. */
export interface EmbeddingBatch {
  readonly ids: readonly string[];
  /** ids × dim. */
  readonly vectors: Matrix;
}

/** Takes the bytes of a file piece by piece. */
export type ByteSink = (bytes: Uint8Array) => void | Promise<void>;

/** Options of `writeEmbeddingsParquet`. */
export interface ParquetOptions {
  /** Rows of a row group; also what is held in memory at once. @default 8192 */
  readonly rowGroupSize?: number;
  /** Name of the column of ids. @default 'video_id' */
  readonly idColumn?: string;
}

const schemaOf = (idColumn: string) => [
  { name: 'root', num_children: 2 },
  {
    name: idColumn,
    type: 'BYTE_ARRAY' as const,
    converted_type: 'UTF8' as const,
    repetition_type: 'REQUIRED' as const,
  },
  { name: 'embedding', repetition_type: 'REQUIRED' as const, num_children: 1, converted_type: 'LIST' as const },
  { name: 'list', repetition_type: 'REPEATED' as const, num_children: 1 },
  { name: 'element', type: 'FLOAT' as const, repetition_type: 'REQUIRED' as const },
];

/**
 * Writes item vectors as a Parquet file with a string column and a list<float32> column, batch by batch: memory holds one
 * row group.
 *
 * @returns how many rows were written.
 * @throws RangeError if a batch has another width than `dim` or other numbers of ids and vectors.
 * @remarks About 4 million numbers a second.
 * @see https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#lists
 * @example
 * const parts = [];
 * const batches = [{ ids: ['a'], vectors: matrixFromRows([[0.5, 0.5]]) }];
 * await writeEmbeddingsParquet((bytes) => void parts.push(bytes), batches, 2) // => 1
 */
export async function writeEmbeddingsParquet(
  sink: ByteSink,
  batches: Iterable<EmbeddingBatch> | AsyncIterable<EmbeddingBatch>,
  dim: number,
  options: ParquetOptions = {},
): Promise<number> {
  const { rowGroupSize = 8192, idColumn = 'video_id' } = options;
  checkInteger('writeEmbeddingsParquet', 'dim', dim, { min: 1 });
  checkInteger('writeEmbeddingsParquet', 'rowGroupSize', rowGroupSize, { min: 1 });
  const bytes = new ByteWriter();
  const flush = async () => {
    const piece = bytes.getBytes().slice();
    bytes.index = 0;
    if (piece.length > 0) await sink(piece);
  };
  const writer = new ParquetWriter({
    writer: Object.assign(bytes, { flush }),
    schema: schemaOf(idColumn),
    codec: 'UNCOMPRESSED',
    createdBy: 'matome',
  });
  let rows = 0;
  let held: { ids: string[]; embeddings: Float32Array[] } = { ids: [], embeddings: [] };
  const writeHeld = async () => {
    const data = held;
    held = { ids: [], embeddings: [] };
    await writer.write({
      columnData: [
        { name: idColumn, data: data.ids },
        {
          name: 'embedding',
          data: data.embeddings.map((vector) => Array.from(vector)),
          statistics: false,
          encoding: 'PLAIN',
        },
      ],
      rowGroupSize,
    });
  };
  for await (const { ids, vectors } of batches) {
    checkBatch(ids, vectors, dim);
    for (let i = 0; i < ids.length; i++) {
      held.ids.push(ids[i]!);
      held.embeddings.push(vectors.data.slice(i * dim, (i + 1) * dim));
      rows++;
      if (held.ids.length === rowGroupSize) await writeHeld();
    }
  }
  if (held.ids.length > 0) await writeHeld();
  await writer.finish();
  await flush();
  return rows;
}

function checkBatch(ids: readonly string[], vectors: Matrix, dim: number): void {
  if (vectors.cols !== dim || vectors.rows !== ids.length) {
    throw new RangeError(
      `The batches of writeEmbeddingsParquet must be ${ids.length} × ${dim}. Got ${vectors.rows} × ${vectors.cols}.`,
    );
  }
}

/**
 * Reads what `writeEmbeddingsParquet` or another Parquet writer wrote.
 *
 * @throws ArtifactError (`MALFORMED`) if the bytes are no Parquet file of ids and vectors of one length.
 * @example
 * const parts = [];
 * await writeEmbeddingsParquet((b) => void parts.push(b), [{ ids: ['a'], vectors: matrixFromRows([[1, 0]]) }], 2);
 * (await readEmbeddingsParquet(Buffer.concat(parts))).ids // => ['a']
 */
export async function readEmbeddingsParquet(bytes: Uint8Array, idColumn = 'video_id'): Promise<EmbeddingBatch> {
  const malformed = (why: string, cause?: unknown) =>
    new ArtifactError('MALFORMED', `The vectors are not a Parquet file of ids and vectors: ${why}.`, { cause });
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  let rows: { [column: string]: unknown }[];
  try {
    const columns = parquetSchema(parquetMetadata(file)).children.map(({ element }) => element.name);
    if (!columns.includes(idColumn) || !columns.includes('embedding'))
      throw malformed(`the columns are ${columns.join(', ')}`);
    rows = await parquetReadObjects({ file, columns: [idColumn, 'embedding'] });
  } catch (cause) {
    if (cause instanceof ArtifactError) throw cause;
    throw malformed('it cannot be read', cause);
  }
  const dim = (rows[0]?.embedding as ArrayLike<number> | undefined)?.length ?? 0;
  const data = new Float32Array(rows.length * dim);
  const ids = rows.map((row, i) => {
    const vector = row.embedding as ArrayLike<number> | null;
    if (vector?.length !== dim) throw malformed(`row ${i} has another length`);
    data.set(vector, i * dim);
    return String(row[idColumn]);
  });
  return { ids, vectors: { data, rows: rows.length, cols: dim } };
}
