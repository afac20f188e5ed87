/** Styles of the page and the report; no other file is fetched. */
export const styles = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --card: #ffffff; --ink: #1d2126; --soft: #5a636e; --line: #dcd9d0; --accent: #0b5fa5;
  --mark: #fff1b8; --shadow: 0 1px 2px rgb(0 0 0 / .06), 0 4px 14px rgb(0 0 0 / .04); --tone: 27%; --tint: 94%;
  --serif: 'Iowan Old Style', 'Source Serif 4', Charter, Georgia, 'Hiragino Mincho ProN', 'Noto Serif CJK JP', 'Noto Serif JP', serif;
  --sans: system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', 'Hiragino Sans', 'Noto Sans CJK JP', 'Noto Sans JP', sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --card: #1c2026; --ink: #e8e6e1; --soft: #a3abb5; --line: #333a43; --accent: #7cbcf5;
    --mark: #55470f; --shadow: none; --tone: 70%; --tint: 22%;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.6 var(--sans); overflow-wrap: anywhere; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: .18em; }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; z-index: 9; }
.wrap { max-width: 78rem; margin: 0 auto; padding: 0 clamp(1rem, 4vw, 2.5rem); }
.mast { border-bottom: 3px double var(--line); padding-block: 1.6rem 1.1rem; }
.mast h1 { font: 700 clamp(1.9rem, 5.4vw, 3.1rem)/1.1 var(--serif); letter-spacing: -.01em; margin: 0; }
.mast h1 a { color: inherit; text-decoration: none; }
.mast p { margin: .35rem 0 0; color: var(--soft); }
.opening { display: grid; gap: 1.2rem; padding-block: 1.3rem .4rem; }
.opening > * { min-width: 0; }
@media (min-width: 62rem) { .opening { grid-template-columns: minmax(0, 1fr) 31rem; gap: 2.2rem; align-items: start; } }
.figures { display: flex; flex-wrap: wrap; gap: .5rem 1.8rem; margin: 0 0 1.2rem; padding: 0; list-style: none; }
.figures li { color: var(--soft); font-size: .92rem; }
.figures b { color: var(--ink); font: 700 1.5rem/1 var(--serif); margin-right: .35rem; }
.jump { display: flex; flex-wrap: wrap; gap: .45rem; margin: 0; padding: 0; list-style: none; }
.jump a { display: inline-flex; gap: .45rem; align-items: baseline; padding: .35rem .8rem; border-radius: 2rem; text-decoration: none;
  font-size: .88rem; line-height: 1.45; white-space: nowrap; color: hsl(var(--hue) 62% var(--tone)); background: hsl(var(--hue) 52% var(--tint)); }
.jump a:hover { text-decoration: underline; }
.jump small { opacity: .8; }
@media (max-width: 43.99rem) { .jump { flex-wrap: nowrap; overflow-x: auto; padding-block: .2rem .6rem; scrollbar-width: thin; } }
.columns { display: grid; gap: 2.2rem; padding-block: 1.4rem 3rem; }
@media (min-width: 62rem) { .columns { grid-template-columns: minmax(0, 1fr) 21rem; } }
.columns > * { min-width: 0; }
.side { display: grid; gap: 1.4rem; align-content: start; }
@media (max-width: 61.99rem) { .side { order: 2; } }
.panel { background: var(--card); border: 1px solid var(--line); border-radius: .7rem; padding: 1rem 1.1rem; box-shadow: var(--shadow); min-width: 0; }
.panel h2 { font: 700 1.05rem/1.3 var(--serif); margin: 0 0 .6rem; }
.panel p { margin: .3rem 0; font-size: .88rem; color: var(--soft); }
.genre { margin: 0 0 2.4rem; }
.genre > h2 { display: flex; flex-wrap: wrap; align-items: baseline; gap: .2rem .8rem; font: 700 1.5rem/1.25 var(--serif); margin: 0 0 .9rem;
  padding-bottom: .35rem; border-bottom: 2px solid hsl(var(--hue) 55% 50%); }
.genre > h2 span { color: var(--soft); font: 400 .95rem var(--sans); }
.stories { display: grid; gap: 1rem; }
@media (min-width: 44rem) { .stories { grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); } .stories .wide { grid-column: 1 / -1; } }
.story { background: var(--card); border: 1px solid var(--line); border-top: 3px solid hsl(var(--hue) 55% 50%); border-radius: .6rem;
  padding: .95rem 1.1rem 1rem; box-shadow: var(--shadow); display: flex; flex-direction: column; gap: .55rem; }
.story:target { outline: 3px solid var(--accent); outline-offset: 2px; }
.story h3 { font: 700 1.14rem/1.38 var(--serif); margin: 0; }
.story.wide h3 { font-size: 1.32rem; }
.story .meta { color: var(--soft); font-size: .84rem; margin: 0; }
.story .says { margin: 0; font-size: .97rem; }
.cite { font-size: .74em; vertical-align: super; line-height: 1; white-space: nowrap; }
.cite a { text-decoration: none; padding: .15em .25em; }
.cite a:hover { text-decoration: underline; }
.terms { display: flex; flex-wrap: wrap; gap: .35rem; margin: 0; padding: 0; list-style: none; }
.terms li { font-size: .8rem; line-height: 1.5; padding: .05rem .55rem; border: 1px solid var(--line); border-radius: 1rem; color: var(--soft); }
details { font-size: .9rem; }
summary { cursor: pointer; color: var(--accent); padding: .15rem 0; }
.sources { margin: .4rem 0 0; padding: 0 0 0 1.2rem; display: grid; gap: .5rem; }
.sources small { display: block; color: var(--soft); }
.map svg { display: block; width: 100%; height: auto; }
.map .dot { fill: hsl(var(--hue) 58% 50%); fill-opacity: .78; stroke: var(--card); stroke-width: 1.5; }
.map a:hover .dot, .map a:focus .dot { fill-opacity: 1; stroke: var(--ink); }
.map text { font: 600 17px var(--sans); fill: var(--ink); paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
table { border-collapse: collapse; width: 100%; font-size: .86rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .28rem .2rem; border-bottom: 1px solid var(--line); font-weight: 400; }
th { color: var(--soft); }
th, td { overflow-wrap: normal; }
td.number, th.number { text-align: right; white-space: nowrap; }
@media (max-width: 26rem) { td.share, th.share { display: none; } }
.bar { height: .5rem; border-radius: 1rem; background: var(--accent); min-width: 2px; }
.problems { margin: 0; padding-left: 1.1rem; font-size: .85rem; display: grid; gap: .35rem; }
.problems code { font-size: .92em; }
.tags { display: flex; flex-wrap: wrap; gap: .3rem .6rem; margin: 0; padding: 0; list-style: none; line-height: 1.4; }
.article { max-width: 46rem; padding-block: 2rem 3rem; }
.article h2 { font: 700 clamp(1.5rem, 4.5vw, 2.2rem)/1.25 var(--serif); margin: 0 0 .4rem; }
.article .body { font: 1.08rem/1.8 var(--serif); white-space: pre-wrap; margin: 1.4rem 0; }
.article .body span:target, .article .body mark { background: var(--mark); color: inherit; border-radius: .2rem; box-shadow: 0 0 0 .2rem var(--mark); }
footer { border-top: 1px solid var(--line); color: var(--soft); font-size: .85rem; padding-block: 1rem 2rem; }
@media print { .jump, .side, .skip { display: none; } body { background: none; } .story { break-inside: avoid; box-shadow: none; } }
`;
