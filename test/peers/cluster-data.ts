import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Matrix } from '@matome/primitives/linalg';
import { createRandom, normalSample, sampleIndices } from '@matome/primitives/random';

/** Rows with the cluster they were drawn from, -1 for noise. */
export interface LabelledRows {
  readonly x: Matrix;
  readonly labels: Int32Array;
}

/**
 * Gaussian blobs: `k` centres uniform in [-10, 10]^d, rows around a random centre with deviation `spread`; a share `noise`
 * of them uniform in [-12, 12]^d instead.
 */
export function blobs(rows: number, cols: number, k: number, noise: number, seed: number, spread = 1): LabelledRows {
  const random = createRandom(seed);
  const centres = Float64Array.from({ length: k * cols }, () => random() * 20 - 10);
  const labels = Int32Array.from({ length: rows }, () => Math.floor(random() * k));
  const data = new Float32Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) data[i * cols + j] = centres[labels[i]! * cols + j]! + spread * normalSample(random);
  }
  for (const i of sampleIndices(rows, Math.round(noise * rows), random)) {
    labels[i] = -1;
    for (let j = 0; j < cols; j++) data[i * cols + j] = random() * 24 - 12;
  }
  return { x: { data, rows, cols }, labels };
}

/** Writes rows and labels where a Python program can read them (`x.f32`, `y.i32`); the folder is removed afterwards. */
export async function withDataFolder<T>({ x, labels }: LabelledRows, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'matome-race-'));
  try {
    writeFileSync(join(folder, 'x.f32'), x.data);
    writeFileSync(join(folder, 'y.i32'), labels);
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Processor seconds of a call, as a mean of three: a busy machine stretches them less than the time on the wall. */
export async function processorSeconds(work: () => unknown): Promise<number> {
  const runs = 3;
  const before = process.cpuUsage();
  for (let run = 0; run < runs; run++) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6 / runs;
}

/**
 * Reads the arguments `folder rows cols` as x (float32) and y, and defines `timed(f, runs)`: median seconds after one call
 * that does not count, last result. A peer that takes long runs less often. `processor(f)`: processor seconds of a call.
 */
export const pythonPrelude = `
import json, os, statistics, sys, time, warnings
warnings.filterwarnings("ignore")
import numpy as np
folder, rows, cols = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
x = np.fromfile(os.path.join(folder, "x.f32"), "<f4").reshape(rows, cols)
y = np.fromfile(os.path.join(folder, "y.i32"), "<i4")
def timed(f, runs=5):
    f()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        result = f()
        seconds.append(time.perf_counter() - start)
        if sum(seconds) > 20:
            break
    return statistics.median(seconds), result
def processor(f):
    start = time.process_time()
    runs = 0
    while runs == 0 or (runs < 3 and time.process_time() - start < 5):
        f()
        runs += 1
    return (time.process_time() - start) / runs
`;
