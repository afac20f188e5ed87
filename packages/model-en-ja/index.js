import { fileURLToPath } from 'node:url';

export const modelPath = fileURLToPath(new URL('./weights', import.meta.url));
