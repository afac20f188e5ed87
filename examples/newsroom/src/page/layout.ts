import { type Html, html } from './html.js';
import { styles } from './style.js';

/** Puts a body into a whole document that fetches nothing else. */
export function document(title: string, body: Html): string {
  // The title and the body are escaped by the template; the styles are ours and hold nothing to escape.
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>`;
  const rest = html`</style>
</head>
<body>
<a class="skip" href="#main">Skip to the stories</a>
${body}
<footer class="wrap">Made by matome. Every sentence of a summary stands word for word in the article it names.</footer>
</body>
</html>
`;
  return page.text + styles + rest.text;
}
