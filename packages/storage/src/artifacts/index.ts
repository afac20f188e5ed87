export type { ArtifactStore } from './artifact-store.js';
export { createFileArtifactStore, type FileArtifactStoreOptions } from './file-artifact-store.js';
export { createHttpArtifactStore, type HttpArtifactStoreOptions } from './http-artifact-store.js';
