import { publicExports } from '../support/public-api.js';
import type { Workspace } from '../support/repository.js';

/** The public surface of a package as text: what a user can rely on, one export after the other. */
export function apiText(workspace: Workspace): string {
  const lines = [`# ${workspace.name}`, ''];
  let entry = '';
  for (const item of publicExports(workspace)) {
    if (item.entry !== entry) lines.push(`## ${item.entry}`, '');
    entry = item.entry;
    lines.push(`${item.kind} ${item.name}: ${item.signature}`, '');
  }
  return lines.join('\n');
}

/** File of the snapshot below `test/packaging/api`. */
export function apiFile(workspace: Workspace): string {
  return `${workspace.folder.split('/')[1]}.txt`;
}
