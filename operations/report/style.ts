/** How a report's page looks, by day and by night and on paper. */
export const style = `
:root { color-scheme: light dark; --text: #1d2430; --quiet: #5b6573; --page: #f5f6f8; --card: #fff;
  --line: #dde1e7; --good: #14713d; --notice: #8a5a00; --bad: #b3202c; --unseen: #5b6573;
  --s0: #2f6fde; --s1: #e07b1a; --s2: #2a9a6b; --s3: #a44fd0; --s4: #c63b63; --s5: #6a7687; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e8ee; --quiet: #9aa5b4; --page: #14181e;
  --card: #1c222b; --line: #343d4a; --good: #55c98a; --notice: #e3ad45; --bad: #ff7d86;
  --unseen: #9aa5b4; --s0: #6ea3ff; --s1: #f3a55c; --s2: #5fcf9f; --s3: #cd8cf0; --s4: #f27e9f; --s5: #a8b3c2; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.6rem; } h1 small { color: var(--quiet); font-weight: normal; }
h2 { margin: 0 0 .6rem; font-size: 1.1rem; }
header p { margin: .3rem 0; color: var(--quiet); }
header .conclusion { font-size: 1.1rem; font-weight: 600; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 1rem 1.2rem; margin: 1rem 0; break-inside: avoid; }
.counts, .legend { display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; list-style: none; padding: 0; margin: .5rem 0; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-top: 1px solid var(--line); }
tbody tr:first-child td, tbody tr:first-child th { border-top: 0; }
.lines { table-layout: fixed; } .verdicts { width: 9rem; } .subjects { width: 15rem; }
.lines td:first-child { white-space: nowrap; font-weight: 600; }
.lines th { font-weight: 500; overflow-wrap: anywhere; }
.lines td { overflow-wrap: anywhere; }
.mark { display: inline-block; width: 1.1em; text-align: center; }
.remedy { margin: .2rem 0 0; color: var(--quiet); }
.good > td:first-child, .counts .good, .conclusion.good { color: var(--good); }
.notice > td:first-child, .counts .notice { color: var(--notice); }
.bad > td:first-child, .counts .bad, .conclusion.bad { color: var(--bad); }
.unseen > td:first-child, .counts .unseen, .conclusion.unseen { color: var(--unseen); }
code { font: .9em ui-monospace, monospace; color: var(--text); }
.scroll { overflow-x: auto; margin-top: .8rem; }
.figures { font-variant-numeric: tabular-nums; font-size: .93rem; }
.figures :is(td, th):not(:first-child) { text-align: right; }
.figures thead th { color: var(--quiet); font-weight: 500; border-top: 0; white-space: nowrap; }
.figures td:not(:first-child) { white-space: nowrap; }
.figures tbody tr:first-child td { border-top: 1px solid var(--line); }
figure { margin: 1rem 0 0; } figcaption { font-weight: 600; } figcaption small { color: var(--quiet); font-weight: normal; }
svg { width: 100%; height: auto; display: block; }
.grid { stroke: var(--line); } .axis { fill: var(--quiet); font-size: 11px; }
.line { fill: none !important; stroke-width: 2; }
.series-0 { fill: var(--s0); stroke: var(--s0); background: var(--s0); }
.series-1 { fill: var(--s1); stroke: var(--s1); background: var(--s1); }
.series-2 { fill: var(--s2); stroke: var(--s2); background: var(--s2); }
.series-3 { fill: var(--s3); stroke: var(--s3); background: var(--s3); }
.series-4 { fill: var(--s4); stroke: var(--s4); background: var(--s4); }
.series-5 { fill: var(--s5); stroke: var(--s5); background: var(--s5); }
rect { stroke: none !important; }
.legend i { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .4em; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@media (max-width: 40rem) { .figures td:first-child { overflow-wrap: anywhere; min-width: 8.5rem; }
  .lines :is(tbody, tr, td, th) { display: block; width: auto; border: 0; padding: 0; }
  .lines tr { border-top: 1px solid var(--line); padding: .5rem 0; } .lines colgroup { display: none; } }
@media print { body { background: none; max-width: none; } section { border-color: #999; } }
`;
