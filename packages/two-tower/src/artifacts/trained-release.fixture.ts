import { loadOnnxRuntime } from '@matome/primitives/onnx';
import { createRandom } from '@matome/primitives/random';
import { itemFeatureRow, itemFeatureSpecs, userFeatureRow, userFeatureSpecs } from '../features/catalogue-features.js';
import { FeatureEncoder } from '../features/feature-encoder.js';
import { fitTwoTower } from '../training/fit.js';
import { type ArtifactFile, exportArtifacts } from './artifact-files.js';
import { type ArtifactStore, createMemoryArtifactStore } from './artifact-store.js';
import { buildManifest, manifestEntry } from './manifest.js';
import { publishRelease } from './publish.js';

/** The moment everything counts back from. */
export const newest = new Date(Date.UTC(2024, 5, 1));
export const itemRows = Array.from({ length: 12 }, (_, i) =>
  itemFeatureRow(
    {
      price: 100 * i,
      duration_seconds: 60 + i,
      product_released_at: new Date(Date.UTC(2024, 4, 1 + i)).toISOString(),
      tags: [`t${i % 3}`, 'all'],
      performers: [`p${i % 4}`],
    },
    newest,
  ),
);
/** Features of a user as the database gives them. */
export const payload = (u: number) => ({
  profile: { created_at: '2024-01-01T00:00:00Z' },
  decision_stats: {
    like_count: u,
    nope_count: 1,
    decision_count: u + 1,
    recent_like_at: null,
    average_like_hour: u % 24,
  },
  price_stats: { mean: 10 * u, median: 9 * u },
  tags: [`t${u % 3}`],
  performers: [`p${u % 4}`],
});
export const userRows = Array.from({ length: 9 }, (_, u) => userFeatureRow(payload(u), newest));

/** A small trained model, its encoders and the files of its release. */
export async function trainedRelease() {
  const runtime = await loadOnnxRuntime({ threads: 1 });
  const itemEncoder = FeatureEncoder.fit(itemRows, itemFeatureSpecs());
  const vocabularies = Object.fromEntries(itemEncoder.vocabularies);
  const userEncoder = FeatureEncoder.fit(userRows, userFeatureSpecs(), { vocabularies });
  const random = createRandom(1);
  const pairs = Array.from({ length: 60 }, () => [Math.floor(random() * 9), Math.floor(random() * 12)] as const);
  const model = await fitTwoTower(
    {
      users: userEncoder.encode(userRows),
      items: itemEncoder.encode(itemRows),
      interactions: { userRows: pairs.map(([u]) => u), itemRows: pairs.map(([, i]) => i) },
    },
    { runtime, embeddingDim: 6, epochs: 2, user: { hidden: [10, 8] }, item: { hidden: [10, 8] } },
  );
  const files = exportFiles({ model, userEncoder, itemEncoder });
  return { runtime, model, userEncoder, itemEncoder, files };
}

/** The files of a release of a model. */
export function exportFiles(parts: Parameters<typeof exportArtifacts>[0]): ArtifactFile[] {
  return exportArtifacts(parts, { exportedAt: newest, config: { seed: 42 }, newestRelease: newest });
}

/** The content of a file. */
export function jsonOf(files: readonly ArtifactFile[], path: string) {
  return JSON.parse(new TextDecoder().decode(files.find((file) => file.path === path)!.bytes));
}

/** The manifest of files. */
export function manifestOf(version: string, files: readonly ArtifactFile[]) {
  const modelMeta = jsonOf(files, 'model_meta.json');
  return buildManifest(files.map(manifestEntry), { version, generatedAt: new Date(0), modelMeta });
}

/** A store that holds one release. */
export async function storeWith(
  files: readonly ArtifactFile[],
  version = 'v1',
  store: ArtifactStore = createMemoryArtifactStore(),
): Promise<ArtifactStore> {
  await publishRelease(store, files, manifestOf(version, files));
  return store;
}

/** A store that cannot switch folders at once, as object stores over HTTP. */
export function flatStore(): ArtifactStore {
  const { link: _, ...store } = createMemoryArtifactStore();
  return store;
}
