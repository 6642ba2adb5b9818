/** The look of an HTML report, in light and dark, on paper too. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--quiet:#57606a;--paper:#fff;--rule:#d0d7de;--alarm:#b42318;--soft:#f3f5f7;
--c0:#0b62b8;--c1:#b3480a;--c2:#1a7f4b;--c3:#7d3fb0;--c4:#5c6670}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--quiet:#9aa7b4;--paper:#11161c;--rule:#2f3944;--alarm:#ff8a7a;
--soft:#1a2129;--c0:#6cb2ff;--c1:#ffa657;--c2:#5fd08f;--c3:#d0a5ff;--c4:#a7b3be}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:64rem;margin:0 auto;padding:1.5rem 1rem 4rem}article+article{border-top:3px solid var(--rule);margin-top:3rem}
h1{font-size:1.15rem;color:var(--quiet);font-weight:600;margin:1.5rem 0 .5rem}
h2{font-size:1.1rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--rule);padding-bottom:.2rem}
.lead{font-size:1.25rem;line-height:1.5;border-left:4px solid var(--alarm);padding-left:1rem;overflow-wrap:anywhere}
p,li,dd{overflow-wrap:anywhere}dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;color:var(--quiet)}
dd{margin:0}.advice{background:var(--soft);border-radius:6px;padding:.6rem 1rem;margin:.8rem 0}.advice p{margin:0;font-weight:600}
.advice ul{margin:.3rem 0;color:var(--quiet)}pre{background:var(--paper);border:1px solid var(--rule);border-radius:4px;
padding:.6rem .8rem;overflow-x:auto;margin:.5rem 0 0}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums;width:100%}
th,td{padding:.25rem .5rem;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}
th:nth-child(2),td:nth-child(2){text-align:left;white-space:normal;min-width:10rem}tr.chosen td{font-weight:700;color:var(--alarm)}
tr.out td{color:var(--quiet)}td.bar{min-width:12rem;text-align:left}td.bar i{display:inline-block;height:.8rem;vertical-align:middle}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;padding:0;font-size:.85rem;color:var(--quiet)}
.legend i{display:inline-block;width:.8rem;height:.8rem;vertical-align:-.1rem}
i.anon,i.rss{background:var(--c0)}i.file{background:var(--c2)}i.shmem{background:var(--c3)}i.swap{background:var(--c4)}
i.pageTables{background:var(--quiet)}i.adj{background:repeating-linear-gradient(45deg,var(--c1) 0 4px,transparent 4px 7px)}
figure{margin:1rem 0}figure>svg{width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:var(--quiet)}
svg text.y{text-anchor:end;dominant-baseline:middle}svg text.mark{text-anchor:end;fill:var(--alarm);font-weight:700}
.grid{stroke:var(--rule)}.kill{stroke:var(--alarm);stroke-width:2}.limit{stroke:var(--alarm);stroke-dasharray:6 5}
.line{fill:none;stroke-width:2.2}.l0{stroke:var(--c0)}.l1{stroke:var(--c1)}.l2{stroke:var(--c2)}.l3{stroke:var(--c3)}.l4{stroke:var(--c4)}
@media print{body{font-size:12px}.advice{break-inside:avoid}}
`;
