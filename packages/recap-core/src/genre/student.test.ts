import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMatrix, csrFromRows, type Matrix, matrixFromRows } from '@matome/primitives/linalg';
import {
  buildModel,
  cast,
  Graph,
  gather,
  loadOnnxRuntime,
  matMul,
  multiply,
  type OnnxRuntime,
  reduceSum,
  reshape,
} from '@matome/primitives/onnx';
import { createRandom } from '@matome/primitives/random';
import { tokenizeWords } from '@matome/primitives/text';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DistilledStudent } from '../classification/distilled-student.js';
import { loadTransformerStudent } from '../classification/transformer-student.js';
import { distilStudent, GenreStudent, transformerModel } from './distil-student.js';
import { routeLanguage } from './route-language.js';
import { StudentClassifier, type StudentModel } from './student-classifier.js';

let runtime: OnnxRuntime;
let folder: string;
beforeAll(async () => {
  runtime = await loadOnnxRuntime({ threads: 1 });
  folder = await mkdtemp(join(tmpdir(), 'matome-student-'));
});
afterAll(async () => {
  await runtime.dispose();
  await rm(folder, { recursive: true });
});

/** Rows of 60 columns, three of which tell each of four classes. */
function rows(n: number, seed: number) {
  const random = createRandom(seed);
  const codes = Int32Array.from({ length: n }, (_, i) => i % 4);
  const x = csrFromRows(
    Array.from(codes, (code) => {
      const row = new Map<number, number>();
      for (let j = 0; j < 60; j++) if (random() < (j < 12 && j % 4 === code ? 0.5 : 0.1)) row.set(j, 1);
      return row;
    }),
    60,
  );
  return { x, codes, classes: ['a', 'b', 'c', 'd'] };
}
const accuracy = ({ data, cols }: Matrix, codes: Int32Array) =>
  codes.filter((code, i) => {
    const row = data.subarray(i * cols, (i + 1) * cols);
    return row.indexOf(Math.max(...row)) === code;
  }).length / codes.length;

describe('DistilledStudent', () => {
  const test = rows(400, 2);

  it('learns from labels, its loss falls, and JSON keeps its answers', async () => {
    const student = await DistilledStudent.train(rows(400, 1), { runtime, epochs: 15, alpha: 0 });
    expect(student.losses.at(-1)!).toBeLessThan(0.5 * student.losses[0]!);
    expect(accuracy(student.predictProba(test.x), test.codes)).toBeGreaterThan(0.6);
    const copy = DistilledStudent.fromJSON(JSON.parse(JSON.stringify(student)));
    expect([...copy.decide(test.x).data]).toEqual([...student.decide(test.x).data]);
  });
  it('learns from a teacher what few labels cannot teach', async () => {
    const lessons = rows(600, 3);
    // Who knows the twelve telling columns: the teacher, for all rows; labels stand on twelve rows only.
    const teacher = createMatrix(600, 4);
    for (let i = 0; i < 600; i++) {
      for (const j of lessons.x.indices.subarray(lessons.x.indptr[i], lessons.x.indptr[i + 1])) {
        if (j < 12) teacher.data[i * 4 + (j % 4)]! += 2.2;
      }
    }
    const codes = lessons.codes.map((code, i) => (i < 12 ? code : -1));
    const options = { runtime, epochs: 15 };
    const alone = await DistilledStudent.train({ ...lessons, codes }, { ...options, alpha: 0 });
    const taught = await DistilledStudent.train({ ...lessons, codes, teacher }, { ...options, alpha: 0.7 });
    const [before, after] = [alone, taught].map((student) => accuracy(student.predictProba(test.x), test.codes));
    expect(after!).toBeGreaterThan(before! + 0.15);
  });
  it('is the same for the same seed, and stops when aborted', async () => {
    const train = () => DistilledStudent.train(rows(60, 4), { runtime, epochs: 2 });
    expect(JSON.stringify(await train())).toBe(JSON.stringify(await train()));
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(DistilledStudent.train(rows(60, 4), { runtime, signal })).rejects.toThrow('stopped');
  });
  it('refuses sizes that disagree, bad options and foreign JSON', async () => {
    const lessons = rows(8, 5);
    await expect(DistilledStudent.train({ ...lessons, codes: new Int32Array(2) }, { runtime })).rejects.toThrow(
      'Got 8 and 2.',
    );
    await expect(DistilledStudent.train({ ...lessons, teacher: matrixFromRows([[1]]) }, { runtime })).rejects.toThrow(
      'must be 8 × 4. Got 1 × 1.',
    );
    await expect(DistilledStudent.train(lessons, { runtime, alpha: 2 })).rejects.toThrow('alpha');
    expect(() => DistilledStudent.fromJSON({})).toThrow('kind "distilled-student"');
  });
});

describe('loadTransformerStudent', () => {
  const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'goal', 'rate', 'cup', 'bank'];
  const tokenizer = {
    version: '1.0',
    added_tokens: [],
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [
        { SpecialToken: { id: '[CLS]', type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: '[SEP]', type_id: 0 } },
      ],
      pair: [],
      special_tokens: {
        '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
        '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
      },
    },
    decoder: null,
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((word, i) => [word, i])),
    },
  };
  const config = { id2label: { 0: 'sports', 1: 'economy' }, pad_token_id: 0 };

  /** A model that adds up one row of scores per token, as an export with mask has it. */
  function model(): Uint8Array {
    const graph = new Graph();
    const ids = graph.input('input_ids', ['batch', 'length'], 'int64');
    const mask = reshape(cast(graph.input('attention_mask', ['batch', 'length'], 'int64'), 'float32'), [
      'batch',
      'length',
      1,
    ]);
    const table = graph.constant([8, 2], new Float32Array([9, 9, 0, 0, 0, 0, 0, 0, 2, 0, 0, 2, 2, 0, 0, 2]));
    const sum = reduceSum(multiply(gather(table, ids), mask), { axes: [1] });
    const logits = matMul(sum, graph.constant([2, 2], new Float32Array([1, 0, 0, 1])));
    return buildModel(graph, { logits });
  }
  async function write(name: string, files: Record<string, string | Uint8Array>): Promise<string> {
    const directory = join(folder, name);
    for (const [file, content] of Object.entries(files)) {
      await mkdir(join(directory, file, '..'), { recursive: true });
      await writeFile(join(directory, file), content);
    }
    return directory;
  }
  const whole = {
    'config.json': JSON.stringify(config),
    'tokenizer.json': JSON.stringify(tokenizer),
    'onnx/model.onnx': model(),
  };

  it('reads a folder, masks what is padded, and keeps the order of the texts', async () => {
    const directory = await write('whole', whole);
    const student = await loadTransformerStudent({ directory, runtime, batchSize: 2, classes: ['economy', 'sports'] });
    const texts = ['goal goal cup and a long tail of other words', 'rate', 'bank rate', ''];
    const { data } = await student.predictProba(texts);
    const alone = (await student.predictProba(['rate'])).data;
    expect([data[2], data[3]]).toEqual([...alone]);
    expect(data[0]).toBeCloseTo(1 / (1 + Math.exp(-6)), 5);
    expect([data[6], data[7]]).toEqual([0.5, 0.5]);
    const classifier = new StudentClassifier({ en: transformerModel(student) });
    const articles = texts.map((text, i) => ({ id: `a${i}`, text, tokens: [], language: 'en' as const }));
    const found = await classifier.classify(articles, { threshold: 0.6 });
    expect(found.map(({ genre, belowThreshold }) => [genre, belowThreshold])).toEqual([
      ['sports', false],
      ['economy', false],
      ['economy', false],
      ['sports', true],
    ]);
    await student.dispose();
  });
  it('refuses a folder in place of a file, other classes, and what is missing, before any text', async () => {
    const open = (directory: string, classes?: string[]) =>
      loadTransformerStudent({ directory, runtime, ...(classes ? { classes } : {}) });
    const asFolder = await write('folder', {
      'config.json': JSON.stringify(config),
      'tokenizer.json': JSON.stringify(tokenizer),
      'onnx/model.onnx/inside': 'x',
    });
    await expect(open(asFolder)).rejects.toThrow('model.onnx must be a file. It is a folder.');
    const directory = await write('whole', whole);
    await expect(open(directory, ['sports', 'economy', 'law'])).rejects.toThrow(
      'must know the 3 wanted classes. It knows 2 and lacks law.',
    );
    await expect(open(await write('bare', { 'config.json': '{}' }))).rejects.toThrow(
      'at least two classes in id2label',
    );
    await expect(open(await write('broken', { 'config.json': '{' }))).rejects.toThrow('is not JSON');
    await expect(open(await write('no-tokens', { 'config.json': JSON.stringify(config) }))).rejects.toThrow(
      'There is no file',
    );
    const { 'onnx/model.onnx': _, ...rest } = whole;
    await expect(open(await write('no-model', rest))).rejects.toThrow('There is no model.onnx');
  });
  it('says when the model gives other numbers of scores than classes', async () => {
    const three = { ...whole, 'config.json': JSON.stringify({ id2label: { 0: 'a', 1: 'b', 2: 'c' } }) };
    const student = await loadTransformerStudent({ directory: await write('three', three), runtime });
    await expect(student.predictProba(['goal'])).rejects.toThrow(
      'gives 2 scores a text, its config.json names 3 classes',
    );
  });
});

describe('distilStudent', () => {
  const words = { weather: 'rain wind storm snow cloud', sports: 'goal match coach league cup' };
  const golden = Object.entries(words).flatMap(([genre, list]) =>
    Array.from({ length: 20 }, (_, i) => ({
      text: [0, 1, 2].map((k) => list.split(' ')[(i + k) % 5]).join(' '),
      genres: [genre],
      language: 'en' as const,
    })),
  );
  it('gives a model that routes, answers and survives JSON', async () => {
    const student = await distilStudent({ golden, language: 'en' }, { runtime, epochs: 20 });
    const copy = GenreStudent.fromJSON(JSON.parse(JSON.stringify(student)), ['sports', 'weather']);
    const article = { id: 'x', text: 'storm and rain', tokens: ['storm', 'and', 'rain'], language: 'en' as const };
    const [answer] = await new StudentClassifier({ en: copy }).classify([article]);
    expect(answer).toMatchObject({ genre: 'weather', belowThreshold: false });
    expect([...(await copy.predict([article])).data]).toEqual([...(await student.predict([article])).data]);
    expect(() => GenreStudent.fromJSON(JSON.parse(JSON.stringify(student)), ['law'])).toThrow('It knows 2.');
  });
  it('hears the teacher about unlabelled texts', async () => {
    const unlabelled = ['hail hail sleet', 'sleet hail frost'].map((text) => ({
      text,
      tokens: tokenizeWords(text, 'en'),
      language: 'en' as const,
    }));
    const sure = (genre: string) => ({ candidates: [{ genre, probability: 0.98 }] });
    const teacher = [...golden.map(({ genres }) => sure(genres[0]!)), ...unlabelled.map(() => sure('weather'))];
    const student = await distilStudent(
      { golden, unlabelled, teacher, language: 'en' },
      { runtime, epochs: 40, alpha: 0.5 },
    );
    const { data } = await student.predict([{ text: '', tokens: ['hail', 'sleet'], language: 'en' }]);
    expect(data[1]).toBeGreaterThan(0.7);
    await expect(distilStudent({ golden, teacher: [], language: 'en' }, { runtime })).rejects.toThrow(
      'speak of 40 texts. It speaks of 0.',
    );
    await expect(distilStudent({ golden: [], language: 'en' }, { runtime })).rejects.toThrow(
      'at least one golden text',
    );
  });
});

describe('StudentClassifier', () => {
  const fixed = (name: string): StudentModel => ({
    genres: ['a', 'b'],
    predict: async (documents) => matrixFromRows(documents.map(() => (name === 'ja' ? [0.8, 0.2] : [0.1, 0.9]))),
  });
  const article = (text: string) => ({ id: text, text, tokens: [], language: 'und' as const });

  it('sends every text to the model of its script, or to the other one', async () => {
    const both = new StudentClassifier({ ja: fixed('ja'), en: fixed('en') });
    const genres = async (classifier: StudentClassifier) =>
      (await classifier.classify(['これは日本語です', 'This is English', '12345'].map(article))).map(
        ({ genre }) => genre,
      );
    expect(await genres(both)).toEqual(['a', 'b', 'a']);
    expect(await genres(new StudentClassifier({ en: fixed('en') }))).toEqual(['b', 'b', 'b']);
  });
  it('cuts candidates, and refuses no model or two that disagree', async () => {
    const [answer] = await new StudentClassifier({ en: fixed('en') }).classify([article('Text')], { topK: 1 });
    expect(answer!.candidates).toHaveLength(1);
    expect(() => new StudentClassifier({})).toThrow('a Japanese or an English model');
    expect(() => new StudentClassifier({ ja: fixed('ja'), en: { ...fixed('en'), genres: ['c'] } })).toThrow(
      'the same genres',
    );
  });
});

describe('routeLanguage', () => {
  it('goes by shares of characters, then by whatever script occurs', () => {
    expect(routeLanguage('AI の新しいモデル')).toBe('ja');
    expect(routeLanguage('A long English text with one 字')).toBe('en');
    expect(routeLanguage(`${'1'.repeat(40)} 字`)).toBe('ja');
    expect(routeLanguage(`${'1'.repeat(40)} ab`)).toBe('en');
    expect([routeLanguage(''), routeLanguage('123'), routeLanguage('Привет')]).toEqual(['und', 'und', 'und']);
  });
});
