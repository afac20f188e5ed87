export { createHasher, type Hasher, toHex64 } from './hasher.js';
export { stableJson } from './stable-json.js';
export { uuidNamespaces, uuidV5 } from './uuid-v5.js';
