export { extractMainContent, type MainContent, type MainContentOptions } from './main-content.js';
export type { PageMetadata } from './page-metadata.js';
export type { PageLimits } from './page-tree.js';
export { type SanitizeHtmlOptions, sanitizeHtml } from './sanitize-html.js';
