import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { publicExports } from '../support/public-api.js';
import { workspaces } from '../support/repository.js';
import { apiFile, apiText } from './api-text.js';

const packages = workspaces().filter(({ folder, entries }) => folder.startsWith('packages/') && entries.size > 0);

describe('public API', () => {
  it.each(packages)('$name exports what its snapshot says (npm run api:update after a meant change)', (workspace) => {
    expect(apiText(workspace)).toBe(readFileSync(new URL(`./api/${apiFile(workspace)}`, import.meta.url), 'utf8'));
  });

  it.each(packages)('$name documents every export, with an example for functions and classes', (workspace) => {
    const bare = publicExports(workspace).filter(
      ({ documentation, kind, name, examples }) =>
        documentation.trim() === '' ||
        // An error is thrown, not built: what throws it shows it.
        ((kind === 'function' || (kind === 'class' && !name.endsWith('Error'))) && examples.length === 0),
    );
    expect(bare.map(({ place, name }) => `${place} ${name}`)).toEqual([]);
  });
});
