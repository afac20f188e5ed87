// Makes a recap and kills its own process in the stage that the arguments name: node … data-folder stage input…
import type { Storage } from '@matome/storage';
import { openStore } from '../store/open-store.js';
import { runNewsroom } from './run-newsroom.js';

const [folder = '', stage = '', ...inputs] = process.argv.slice(2);

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('still alive');
}

/** Dies half-way through storing, with articles written and sections not. */
function dyingStorage(storage: Storage): Storage {
  return {
    ...storage,
    transaction: (run) =>
      storage.transaction((inside) => run({ ...inside, sections: { ...inside.sections, save: async () => die() } })),
  };
}

const store = await openStore(folder, { now: () => Date.UTC(2026, 2, 9) });
await runNewsroom(inputs, {
  storage: stage === 'store' ? dyingStorage(store.storage) : store.storage,
  http: {
    async get() {
      throw new Error('offline');
    },
  },
  now: () => Date.UTC(2026, 2, 9),
  monotonic: () => performance.now(),
  signal: new AbortController().signal,
  // At the end of a stage all its work is done and none of it is saved.
  onEvent: (event) => {
    if (event.type === 'end' && event.stage === stage) die();
  },
});
await store.close();
