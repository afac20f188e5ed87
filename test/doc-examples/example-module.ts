import ts from 'typescript';

/**
 * Turns an example into the body of an async function `(scope, check, loadModule)`: names of the scope are in reach, and each line
 * that ends in `// => value` reports its value. An expression may start on earlier lines; imports of our own packages
 * are dropped, as everything they could bring is in the scope.
 */
export function exampleBody(example: string, names: readonly string[]): string {
  const code = stripFence(example)
    .split('\n')
    .filter((line) => !/^import .* from '@matome\//.test(line))
    .join('\n');
  const file = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true);
  let checked = '';
  for (const statement of file.statements) {
    const text = code.slice(statement.getFullStart(), statement.getEnd());
    const rest = code.slice(statement.getEnd(), endOfLine(code, statement.getEnd()));
    const promise = /^;?\s*\/\/ => (.*)$/.exec(rest)?.[1];
    if (promise === undefined) checked += `${text}\n`;
    else checked += `${checkedStatement(statement, promise)}\n`;
  }
  const used = names.filter(
    (name) =>
      new RegExp(`(?<![\\w$])(?<!(?:^|[^.])\\.)${name.replace('$', '\\$')}(?![\\w$])`).test(code) &&
      !declares(file, name),
  );
  const script = ts.transpileModule(`export {};\n${checked}`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: false },
  }).outputText;
  const body = script
    .replace(/^export \{\};$/gm, '')
    .replace(/^import (.*) from ['"](node:[^'"]+)['"];$/gm, importToAwait);
  // Code made at run time cannot import by itself.
  return `const { ${used.join(', ')} } = scope;\n${body.replace(/\bimport\(/g, 'loadModule(')}`;
}

function checkedStatement(statement: ts.Statement, promise: string): string {
  if (ts.isExpressionStatement(statement)) {
    return `check((${statement.expression.getText()}), ${JSON.stringify(promise)});`;
  }
  if (ts.isVariableStatement(statement)) {
    const name = statement.declarationList.declarations[0]!.name.getText();
    return `${statement.getText()}\ncheck((${name}), ${JSON.stringify(promise)});`;
  }
  throw new Error(`"// => ${promise}" must stand behind an expression or a declaration.`);
}

function importToAwait(_: string, clause: string, module: string): string {
  if (clause.startsWith('{')) return `const ${clause.replace(/ as /g, ': ')} = await import('${module}');`;
  return `const { default: ${clause} } = await import('${module}');`;
}

function stripFence(example: string): string {
  return example
    .replace(/^```\w*\n/, '')
    .replace(/\n```\s*$/, '')
    .trim();
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

function declares(file: ts.SourceFile, name: string): boolean {
  let found = false;
  const visit = (node: ts.Node): void => {
    if (
      (ts.isVariableDeclaration(node) ||
        ts.isBindingElement(node) ||
        ts.isFunctionDeclaration(node) ||
        ts.isClassDeclaration(node)) &&
      node.name?.getText() === name
    )
      found = true;
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
