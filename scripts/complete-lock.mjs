// Adds to package-lock.json the optional platform packages that npm left out because the registry at hand does not
// carry them: without their entries `npm ci` refuses the file, on every platform.
import { readFileSync, writeFileSync } from 'node:fs';

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8'));
const systems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
  'windows',
];
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64', '386', 'amd64'];

/** What a platform package says of its platform in its own name: `@scope/tool-linux-x64-musl`. */
function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = systems.find((system) => words.includes(system) || words.some((word) => word.startsWith(`${system}arm`)));
  const cpu = processors.find((processor) => words.includes(processor));
  const libc = words.includes('musl') ? { libc: ['musl'] } : words.includes('gnu') ? { libc: ['glibc'] } : {};
  const names = { windows: 'win32' };
  // A package for a machine that npm cannot name (wasm32, big-endian boards) must never be taken for this one.
  return { cpu: [{ 386: 'ia32', amd64: 'x64' }[cpu] ?? cpu ?? 'unknown'], ...libc, os: [names[os] ?? os ?? 'unknown'] };
}

let added = 0;
for (const [at, entry] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const nested = `${at}/node_modules/${name}`;
    const top = `node_modules/${name}`;
    if (lock.packages[nested] || lock.packages[top]) continue;
    const version = range.replace(/^[\^~]/, '');
    lock.packages[top] = { version, ...platformOf(name), ...(entry.dev ? { dev: true } : {}), optional: true };
    added++;
  }
}
const ordered = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(path, `${JSON.stringify({ ...lock, packages: ordered }, null, 2)}\n`);
process.stdout.write(`${added} platform packages added\n`);
