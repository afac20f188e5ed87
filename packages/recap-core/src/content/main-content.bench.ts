import { Readability } from '@mozilla/readability';
import { parseHTML } from 'linkedom';
import { bench, describe } from 'vitest';
import { extractMainContent } from './main-content.js';

const sentence = 'The council approved the new pier on Monday, two years after the storm had taken the old one away. ';
const links = (n: number) =>
  Array.from({ length: n }, (_, i) => `<li class="item-${i}"><a href="/topic/${i}">Topic number ${i}</a></li>`).join(
    '',
  );
const page = `<!doctype html><html><head><title>New pier | Post</title><script>${'var a=1;'.repeat(500)}</script></head><body>
<nav class="menu"><ul>${links(60)}</ul></nav><main><article>${`<p>${sentence.repeat(4)}</p>`.repeat(25)}</article></main>
<aside class="related"><ul>${links(80)}</ul></aside><footer><p>All rights reserved.</p><ul>${links(20)}</ul></footer></body></html>`;

/** linkedom implements what Readability uses of the DOM, under other types. */
type ReadabilityDocument = ConstructorParameters<typeof Readability>[0];
const readability = () =>
  new Readability(parseHTML(page).document as unknown as ReadabilityDocument).parse()?.textContent ?? '';

const share = (text: string) => (text.match(/council approved/g)?.length ?? 0) / 100;
const noise = (text: string) => text.match(/Topic number/g)?.length ?? 0;
const [ours, theirs] = [extractMainContent(page).text, readability()];
describe(`a page of ${page.length} characters; body ${share(ours)} and ${share(theirs)}, links ${noise(ours)} and ${noise(theirs)}`, () => {
  bench('extractMainContent', () => void extractMainContent(page));
  bench('Readability with linkedom', () => void readability());
});
