/** Abbreviations that a name or number follows: a full stop after them ends no sentence. */
export const titleAbbreviations: ReadonlySet<string> = new Set(
  (
    'mr mrs ms mx dr prof rev fr sr jr st mt ft gen col maj capt cmdr lt sgt cpl pvt adm gov sen rep pres hon amb ' +
    'supt det insp messrs mme mlle no nos vol vols fig figs eq eqs sec ch chap pp pg art ref refs ed eds tab approx ' +
    'vs v cf viz e.g i.e eg ie al nr op ser resp esp ca est dept univ'
  ).split(' '),
);

/** Abbreviations that can end a sentence: what follows decides. */
export const openAbbreviations: ReadonlySet<string> = new Set(
  (
    'inc ltd co corp bros llc plc etc jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur ' +
    'thurs fri sat sun ave blvd rd hwy a.m p.m am pm u.s u.k u.n e.u u.s.a d.c b.c a.d ph.d m.d b.a m.a b.sc m.sc ' +
    'oz lb lbs hr hrs min mins km kg cm mm'
  ).split(' '),
);

/** Words that start a sentence far more often than they follow an abbreviation inside one. */
export const sentenceStarters: ReadonlySet<string> = new Set(
  (
    'the this that these those there then they he she it we you i a an but and so however moreover meanwhile ' +
    'in on at as if when while after before although because since what who how why our his her its their my ' +
    'according both each some many most all no not now still yet also another one'
  ).split(' '),
);
