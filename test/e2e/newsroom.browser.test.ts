import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

const newsroom = fileURLToPath(new URL('../../examples/newsroom/', import.meta.url));

/** Runs the demo until it tells the address of its page. */
function startDemo(dataDir: string): Promise<{ child: ChildProcess; url: string }> {
  const args = [
    '--import',
    'tsx',
    '--conditions=matome-source',
    'src/main.ts',
    'demo',
    '--port',
    '0',
    '--data-dir',
    dataDir,
  ];
  const child = spawn(process.execPath, args, { cwd: newsroom, stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer) => {
      output += chunk;
      const url = /http:\/\/[\d.:]+\//.exec(output.slice(output.indexOf('Serving the recap')))?.[0];
      if (output.includes('Serving the recap') && url) resolve({ child, url });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`The demo ended with ${code}:\n${output}`)));
  });
}

declare module 'vitest' {
  export interface ProvidedContext {
    chromium: string;
  }
}

describe('the page of the newsroom demo', () => {
  let folder: string;
  let demo: { child: ChildProcess; url: string };
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'newsroom-page-'));
    demo = await startDemo(folder);
    browser = await chromium.launch({ executablePath: inject('chromium'), args: ['--no-sandbox'] });
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    const ended = new Promise((resolve) => demo?.child.once('exit', resolve));
    demo?.child.kill('SIGINT');
    await ended;
    await rm(folder, { recursive: true });
  });

  /** Opens an address with scripts switched off and collects what the console complains about. */
  async function open(url: string, width: number, colorScheme: 'light' | 'dark' = 'light') {
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme,
      javaScriptEnabled: false,
    });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('requestfailed', (request) => errors.push(`failed: ${request.url()}`));
    const response = await page.goto(url);
    return { page, errors, status: response?.status(), close: () => context.close() };
  }

  async function overflow(page: Page): Promise<number> {
    return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  }

  for (const width of [390, 1280]) {
    for (const scheme of ['light', 'dark'] as const) {
      it(`shows at least 25 stories in two languages at ${width} px in ${scheme} colours, without scripts or sideways scrolling`, async () => {
        const { page, errors, status, close } = await open(demo.url, width, scheme);
        expect(status).toBe(200);
        const languages = await page
          .locator('.story')
          .evaluateAll((stories) => stories.map((s) => s.getAttribute('data-language')));
        expect(languages.length).toBeGreaterThanOrEqual(25);
        for (const language of ['en', 'ja']) {
          expect(languages.filter((l) => l === language).length).toBeGreaterThanOrEqual(10);
        }
        expect(await overflow(page)).toBe(0);
        expect(errors).toEqual([]);
        await close();
      });
    }
  }

  it('leads from a sentence of a summary to the same sentence in its article', async () => {
    const { page, errors, close } = await open(demo.url, 1280);
    const story = page.locator('.story').first();
    const sentence = await story.locator('.says > span').first().textContent();
    await story.locator('.cite a').first().click();
    await page.waitForURL(/\/articles\//);
    const place = new URL(page.url()).hash.slice(1);
    expect(await page.locator(`[id="${place}"]`).textContent()).toBe(sentence);
    expect(errors).toEqual([]);
    await close();
  });

  it('shows copies, tags, a map whose dots lead to their stories, the time of each stage and the problems', async () => {
    const { page, close } = await open(demo.url, 1280);
    const targets = await page.locator('.map a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    expect(targets.length).toBe(await page.locator('.story').count());
    for (const target of targets) expect(await page.locator(`[id="${target!.slice(1)}"]`).count()).toBe(1);
    const text = await page.locator('body').textContent();
    for (const part of ['Map of the stories', 'Tags', 'Stages', 'representatives', 'Problems in the input', 'copies']) {
      expect(text).toContain(part);
    }
    expect(text).toContain('not-a-feed.xml');
    await page.locator('details summary').first().click();
    expect(await page.locator('details[open] .sources li').count()).toBeGreaterThan(0);
    await close();
  });

  it('names every control and image, and has one heading of each section', async () => {
    const { page, close } = await open(demo.url, 390);
    const nameless = await page
      .locator('a, summary, svg[role="img"]')
      .evaluateAll((elements) =>
        elements
          .filter((e) => !e.textContent?.trim() && !e.getAttribute('aria-label'))
          .map((e) => e.outerHTML.slice(0, 80)),
      );
    expect(nameless).toEqual([]);
    expect(await page.locator('h1').count()).toBe(1);
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    const ids = await page.locator('[id]').evaluateAll((elements) => elements.map((e) => e.id));
    expect(new Set(ids).size).toBe(ids.length);
    await close();
  });

  it('answers an unknown address with 404 and a way back', async () => {
    const { page, status, close } = await open(`${demo.url}articles/unknown`, 390);
    expect(status).toBe(404);
    expect(await page.locator('a[href="/"]').count()).toBe(1);
    await close();
  });

  it('is also a report in one file that fetches nothing', async () => {
    const file = join(folder, 'demo', 'report', 'report.html');
    const { page, errors, close } = await open(pathToFileURL(file).href, 390);
    expect(await page.locator('.story').count()).toBeGreaterThanOrEqual(25);
    expect(await overflow(page)).toBe(0);
    expect(errors).toEqual([]);
    expect(await readFile(file, 'utf8')).not.toMatch(/<(?:script|link rel="stylesheet"|img|iframe)\b/);
    await close();
  });
});
