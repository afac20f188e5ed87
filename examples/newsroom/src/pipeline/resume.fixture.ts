// Makes a recap and kills its own process in the stage that the arguments name: node … data-folder stage input…
// `genre` dies before what the stage gave is saved, `genre saved` behind that.
import type { Storage } from '@matome/storage';
import { openStore } from '../store/open-store.js';
import { runNewsroom } from './run-newsroom.js';

const [folder = '', stage = '', ...inputs] = process.argv.slice(2);

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('still alive');
}

/** Dies when all work of the stage is done and none of it saved; in the stage that stores, with articles written and sections not. */
function dyingStorage(storage: Storage): Storage {
  const save: Storage['stages']['save'] = async (jobId, name, result) =>
    name === stage ? die() : storage.stages.save(jobId, name, result);
  return {
    ...storage,
    stages: { ...storage.stages, save },
    transaction: (run) =>
      storage.transaction((inside) =>
        run({
          ...inside,
          stages: { ...inside.stages, save: stage === 'read' ? async () => die() : inside.stages.save },
          sections: { ...inside.sections, save: stage === 'store' ? async () => die() : inside.sections.save },
        }),
      ),
  };
}

const store = await openStore(folder, { now: () => Date.UTC(2026, 2, 9) });
await runNewsroom(inputs, {
  storage: dyingStorage(store.storage),
  http: {
    async get() {
      throw new Error('offline');
    },
  },
  now: () => Date.UTC(2026, 2, 9),
  monotonic: () => performance.now(),
  signal: new AbortController().signal,
  onEvent: (event) => {
    if (event.type === 'end' && `${event.stage} saved` === stage) die();
  },
});
await store.close();
