import { createHash } from 'node:crypto';
import { stableJson } from '@matome/primitives/hashing';
import type { EmbeddingTable } from '@matome/primitives/onnx';
import { ArtifactError } from '../artifacts/artifact-error.js';
import { readTensorFile, writeTensorFile } from '../artifacts/tensor-file.js';
import type { PreparedData } from './training-data.js';
import type { TrainingGraph } from './training-graph.js';
import type { EpochRecord } from './training-options.js';
import type { WeightAverage } from './weight-average.js';

/** How far a run has come. */
export interface RunState {
  readonly history: EpochRecord[];
  best: { readonly epoch: number; readonly value: number; readonly weights: Record<string, Float32Array> } | undefined;
  readonly average: WeightAverage | undefined;
}

const version = '1';

/** A fingerprint of data and options: a checkpoint of another run must not be gone on with. */
export function runFingerprint(data: PreparedData, settings: unknown): string {
  const hash = createHash('sha256').update(stableJson(settings));
  const add = (values: ArrayBufferView) =>
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  for (const side of [data.users, data.items]) {
    add(side.dense.data);
    for (const [name, bag] of Object.entries(side.bags)) {
      hash.update(name);
      for (const part of [bag.indptr, bag.indices, bag.data]) add(part);
    }
  }
  add(Uint32Array.from(data.interactions.userRows));
  add(Uint32Array.from(data.interactions.itemRows));
  add(data.labels);
  add(data.userGroups);
  return hash.digest('hex');
}

/** Writes everything a run needs to go on: weights, optimiser state, tables, the best epoch and the records. */
export function writeCheckpoint(graph: TrainingGraph, run: RunState, fingerprint: string): Uint8Array {
  const tensors: Record<string, { dims: number[]; data: Float32Array }> = {};
  const add = (name: string, data: Float32Array) => {
    tensors[name] = { dims: [data.length], data };
  };
  const { step, parameters, slots } = graph.step.state();
  for (const [name, data] of Object.entries(parameters)) add(`parameter:${name}`, data);
  for (const [name, data] of Object.entries(slots)) add(`slot:${name}`, data);
  for (const table of tablesOf(graph)) {
    const state = table.state();
    add(`table:${table.name}`, state.values);
    state.slots.forEach((slot, i) => {
      add(`table-slot:${i}:${table.name}`, slot);
    });
  }
  for (const [name, data] of Object.entries(run.best?.weights ?? {})) add(`best:${name}`, data);
  const average = run.average?.state();
  for (const [name, data] of Object.entries(average?.weights ?? {})) add(`average:${name}`, data);
  const best = run.best && { epoch: run.best.epoch, value: run.best.value };
  const state = JSON.stringify({ step, history: run.history, best, averaged: average?.count });
  return writeTensorFile({ tensors, metadata: { kind: 'two-tower-checkpoint', version, fingerprint, state } });
}

/**
 * Puts a checkpoint back.
 *
 * @throws ArtifactError: `MALFORMED` for other bytes, `SCHEMA_MISMATCH` for a run of other data or options.
 */
export function readCheckpoint(
  bytes: Uint8Array,
  graph: TrainingGraph,
  fingerprint: string,
  average?: WeightAverage,
): RunState {
  const { tensors, metadata } = readTensorFile(bytes);
  if (metadata.kind !== 'two-tower-checkpoint' || metadata.version !== version) {
    throw new ArtifactError('MALFORMED', 'The bytes given to resume are not a checkpoint of two-tower training.');
  }
  if (metadata.fingerprint !== fingerprint) {
    throw new ArtifactError(
      'SCHEMA_MISMATCH',
      'The checkpoint given to resume belongs to a run of other data or options.',
    );
  }
  const stem = (prefix: string) =>
    Object.fromEntries(
      Object.entries(tensors)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, { data }]) => [name.slice(prefix.length), data]),
    );
  const { step, history, best, averaged } = JSON.parse(metadata.state!) as {
    step: number;
    history: EpochRecord[];
    best?: { epoch: number; value: number };
    averaged?: number;
  };
  graph.step.restore({ step, parameters: stem('parameter:'), slots: stem('slot:') });
  for (const table of tablesOf(graph)) {
    const slots: Float32Array[] = [];
    for (let i = 0; tensors[`table-slot:${i}:${table.name}`]; i++)
      slots.push(tensors[`table-slot:${i}:${table.name}`]!.data);
    table.restore({ values: tensors[`table:${table.name}`]!.data, slots });
  }
  average?.restore({ count: averaged ?? 0, weights: stem('average:') });
  return { history, best: best && { ...best, weights: stem('best:') }, average };
}

/** All tables of both towers. */
export function tablesOf(graph: TrainingGraph): EmbeddingTable[] {
  return [...graph.user.tables.values(), ...graph.item.tables.values()];
}
