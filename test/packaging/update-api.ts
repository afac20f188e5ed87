import { mkdirSync, writeFileSync } from 'node:fs';
import { workspaces } from '../support/repository.js';
import { apiFile, apiText } from './api-text.js';

const folder = new URL('./api/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const workspace of workspaces().filter(
  ({ folder, entries }) => folder.startsWith('packages/') && entries.size > 0,
)) {
  writeFileSync(new URL(apiFile(workspace), folder), apiText(workspace));
}
