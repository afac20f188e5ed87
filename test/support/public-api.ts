import { join } from 'node:path';
import ts from 'typescript';
import { root, type Workspace } from './repository.js';

/** One export of an entry point. */
export interface PublicExport {
  readonly workspace: string;
  /** As a user imports it: `@matome/primitives/linalg`. */
  readonly entry: string;
  readonly name: string;
  readonly kind: 'function' | 'class' | 'interface' | 'type' | 'const';
  /** Declaration without bodies and comments, on one line a member. */
  readonly signature: string;
  readonly documentation: string;
  /** Code of the `@example` tags. */
  readonly examples: readonly string[];
  /** `packages/…/file.ts:line`. */
  readonly place: string;
}

/** Reads the public exports of a workspace with the TypeScript compiler. */
export function publicExports(workspace: Workspace): PublicExport[] {
  const config = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile).config as {
    compilerOptions: object;
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram(
    [...workspace.entries.values()].map((path) => join(root, path)),
    options,
  );
  const checker = program.getTypeChecker();
  return [...workspace.entries].flatMap(([key, path]) => {
    const source = program.getSourceFile(join(root, path))!;
    const module = checker.getSymbolAtLocation(source);
    if (module === undefined) return [];
    const entry = `${workspace.name}${key.slice(1)}`;
    return checker
      .getExportsOfModule(module)
      .map((symbol) => describeExport(checker, workspace.name, entry, symbol))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  });
}

function describeExport(checker: ts.TypeChecker, workspace: string, entry: string, exported: ts.Symbol): PublicExport {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  const declaration = symbol.declarations?.[0];
  if (declaration === undefined) throw new Error(`${entry} exports ${exported.name}, which is declared nowhere.`);
  const file = declaration.getSourceFile();
  const line = file.getLineAndCharacterOfPosition(declaration.getStart()).line + 1;
  return {
    workspace,
    entry,
    name: exported.name,
    kind: kindOf(symbol),
    signature: signatureOf(checker, symbol, declaration),
    documentation: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
    examples: symbol
      .getJsDocTags(checker)
      .filter((tag) => tag.name === 'example')
      .map((tag) => ts.displayPartsToString(tag.text)),
    place: `${file.fileName.slice(root.length + 1)}:${line}`,
  };
}

function kindOf(symbol: ts.Symbol): PublicExport['kind'] {
  if (symbol.flags & ts.SymbolFlags.Class) return 'class';
  if (symbol.flags & ts.SymbolFlags.Function) return 'function';
  if (symbol.flags & ts.SymbolFlags.Interface) return 'interface';
  if (symbol.flags & ts.SymbolFlags.TypeAlias) return 'type';
  return 'const';
}

const format =
  ts.TypeFormatFlags.NoTruncation |
  ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope |
  ts.TypeFormatFlags.WriteArrowStyleSignature;

function signatureOf(checker: ts.TypeChecker, symbol: ts.Symbol, declaration: ts.Declaration): string {
  const kind = kindOf(symbol);
  if (kind === 'function' || kind === 'const') return typeText(checker, checker.getTypeOfSymbol(symbol));
  if (kind === 'type')
    return (declaration as ts.TypeAliasDeclaration).type
      .getText()
      .replace(/\/\*\*[\s\S]*?\*\//g, '')
      .replace(/\s+/g, ' ');
  const members = membersOf(checker, checker.getDeclaredTypeOfSymbol(symbol), '');
  if (kind === 'interface') return `{\n${members.join('\n')}\n}`;
  const statics = membersOf(checker, checker.getTypeOfSymbol(symbol), 'static ').filter(
    (line) => !line.startsWith('  static prototype'),
  );
  return `{\n${[...statics, ...members].join('\n')}\n}`;
}

function membersOf(checker: ts.TypeChecker, type: ts.Type, prefix: string): string[] {
  return checker
    .getPropertiesOfType(type)
    .filter((property) => !isHidden(property) && !isInherited(property))
    .map((property) => {
      const optional = property.flags & ts.SymbolFlags.Optional ? '?' : '';
      return `  ${prefix}${property.name}${optional}: ${typeText(checker, checker.getTypeOfSymbol(property))}`;
    })
    .sort();
}

function isHidden(property: ts.Symbol): boolean {
  return (property.declarations ?? []).some(
    (d) =>
      (ts.getCombinedModifierFlags(d) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0 ||
      (ts.isPropertyDeclaration(d) && ts.isPrivateIdentifier(d.name)),
  );
}

function isInherited(property: ts.Symbol): boolean {
  return (property.declarations ?? []).every((d) => d.getSourceFile().fileName.includes('/node_modules/typescript/'));
}

function typeText(checker: ts.TypeChecker, type: ts.Type): string {
  return checker.typeToString(type, undefined, format).replace(/import\("[^"]*"\)\./g, '');
}
