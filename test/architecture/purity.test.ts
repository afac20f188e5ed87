import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { type SourceFile, sourceFiles, workspaces } from '../support/repository.js';

const all = workspaces().filter(({ folder }) => folder !== 'packages/model-en-ja');
const packages = all.filter(({ folder }) => folder.startsWith('packages/'));

/** What a package must be given instead of reaching for it. */
const forbidden = ['process.env', 'Math.random', 'Date.now', 'process.exit', 'process.stdout', 'process.stderr'];

/** Places in a file where one of the given property accesses stands, or `console` is used, or `new Date()` has no argument. */
function impurities({ path, text }: SourceFile): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const found: string[] = [];
  const add = (node: ts.Node, what: string) =>
    found.push(`${path}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${what}`);
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) {
      const access = node.getText();
      if (forbidden.includes(access) || access.startsWith('console.')) add(node, access);
    }
    if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) === 0)
      add(node, 'new Date()');
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

describe('purity', () => {
  it.each(packages)('$name reads no environment, console, clock or unseeded randomness', (workspace) => {
    expect(sourceFiles(workspace).flatMap(impurities)).toEqual([]);
  });

  it('hosts read the environment in main.ts only', () => {
    const hosts = all.filter(({ folder }) => folder.startsWith('examples/'));
    const wrong = hosts
      .flatMap((host) => sourceFiles(host))
      .filter(({ path }) => !path.endsWith('/src/main.ts') && !path.includes('examples/in-process/'))
      .flatMap(impurities)
      .filter((place) => place.includes('process.env'));
    expect(wrong).toEqual([]);
  });

  it.each(packages)('$name keeps no mutable state at module level', (workspace) => {
    const wrong = sourceFiles(workspace).flatMap(({ path, text }) => {
      const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
      return (
        file.statements
          .filter(
            (s): s is ts.VariableStatement =>
              ts.isVariableStatement(s) && (s.declarationList.flags & ts.NodeFlags.Const) === 0,
          )
          // Memo of a costly load (a dictionary, packaged weights): assigned once from `undefined` and then only read.
          .filter((s) => !/^let \w+: [^=]+ \| undefined;$/.test(s.getText()))
          .map(
            (s) => `${path}:${file.getLineAndCharacterOfPosition(s.getStart()).line + 1} ${s.getText().slice(0, 60)}`,
          )
      );
    });
    expect(wrong).toEqual([]);
  });
});

describe('size', () => {
  const exempt = /(generated|\.data|weights|abbreviations|tables?)\.ts$/;

  it('no source file is longer than 400 lines', () => {
    const long = all
      .flatMap((workspace) => sourceFiles(workspace))
      .filter(({ path }) => !exempt.test(path))
      .map(({ path, text }) => ({ path, lines: text.split('\n').length }))
      .filter(({ lines }) => lines > 400);
    expect(long).toEqual([]);
  });

  it('no file or folder has a name that says nothing', () => {
    const banned = /\/(utils?|common|helpers?|misc|managers?|shared)(\/|\.ts$)/;
    const wrong = all
      .flatMap((workspace) => sourceFiles(workspace, { tests: true }))
      .filter(({ path }) => banned.test(path));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });
});
