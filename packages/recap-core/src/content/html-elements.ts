/** Elements without content: they never open a level of nesting. */
export const voidElements: ReadonlySet<string> = new Set(
  'area base basefont bgsound br col command embed frame hr img input keygen link meta param source track wbr'.split(
    ' ',
  ),
);

/** Elements that start a new line of text; everything else runs inside its line. */
export const blockElements: ReadonlySet<string> = new Set(
  (
    'address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption ' +
    'figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav noscript ol ' +
    'optgroup option p plaintext pre search section select summary table tbody td tfoot th thead tr ul video xmp'
  ).split(' '),
);

/** Elements whose text a reader never sees as text. */
export const hiddenElements: ReadonlySet<string> = new Set(
  (
    'applet audio canvas datalist embed frameset head iframe math noembed noframes noscript object script select style ' +
    'rp rt svg template textarea title video'
  ).split(' '),
);

/** An open `p` ends where one of these begins (HTML Standard, "close a p element"). */
export const closesParagraph: ReadonlySet<string> = new Set(
  (
    'address article aside blockquote center details dialog dir div dl dd dt fieldset figcaption figure footer form ' +
    'h1 h2 h3 h4 h5 h6 header hgroup hr li listing main menu nav ol p plaintext pre search section summary table ul xmp'
  ).split(' '),
);

/** An end tag never reaches through one of these. */
export const scopeBoundaries: ReadonlySet<string> = new Set(
  'html table td th caption button object applet marquee template'.split(' '),
);

/** What an opening tag closes, and the elements behind which it does not look for them. */
export const impliedEnds: ReadonlyMap<string, { closes: ReadonlySet<string>; within: ReadonlySet<string> }> = new Map(
  (
    [
      ['li', 'li', 'ul ol menu dir table td th'],
      ['dd', 'dd dt', 'dl table td th'],
      ['dt', 'dd dt', 'dl table td th'],
      ['tr', 'tr td th caption colgroup', 'table thead tbody tfoot'],
      ['td', 'td th', 'tr table'],
      ['th', 'td th', 'tr table'],
      ['tbody', 'thead tbody tfoot caption colgroup', 'table'],
      ['thead', 'thead tbody tfoot caption colgroup', 'table'],
      ['tfoot', 'thead tbody tfoot caption colgroup', 'table'],
      ['option', 'option', 'select datalist'],
      ['optgroup', 'option optgroup', 'select datalist'],
      ['rt', 'rt rp', 'ruby'],
      ['rp', 'rt rp', 'ruby'],
    ] as const
  ).map(([tag, closes, within]) => [tag, { closes: new Set(closes.split(' ')), within: new Set(within.split(' ')) }]),
);

/** Tags that cannot stand inside `svg` or `math`: they end the foreign part (HTML Standard, 13.2.6.5). */
export const endsForeignContent: ReadonlySet<string> = new Set(
  (
    'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta ' +
    'nobr ol p pre ruby s small span strong strike sub sup table tt u ul var article section main footer header nav'
  ).split(' '),
);
