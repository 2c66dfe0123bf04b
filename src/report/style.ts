// The style sheet of the report. Colours come in pairs, light and dark; which one is shown follows
// the system, or the reader's choice by the radio buttons at the top: no script is needed for it.
// Before is orange and after blue (Okabe and Ito's set, told apart with any colour vision).

/** Every colour, light and dark. */
export const colours = {
  bg: ["#ffffff", "#14171a"],
  panel: ["#f6f7f9", "#1c2126"],
  text: ["#1b1f24", "#e6e9ec"],
  quiet: ["#57606a", "#9ba6b0"],
  line: ["#d5dae0", "#38414a"],
  link: ["#0b57a4", "#7db7f0"],
  before: ["#ad4300", "#f08a3c"],
  after: ["#0b63b0", "#58a6f0"],
  other: ["#7f8995", "#7a8591"],
  whisker: ["#1b1f24", "#f2f4f6"],
  "before-tint": ["#fdeee3", "#3a2414"],
  "after-tint": ["#e6f1fb", "#14283b"],
  removed: ["#fff0ee", "#3b1d1d"],
  "removed-sign": ["#b3261e", "#ff8f85"],
  added: ["#e9f7ec", "#16311f"],
  "added-sign": ["#1a7431", "#6fd58a"],
  risk: ["#b3261e", "#ff8f85"],
  comment: ["#5d6b78", "#93a1ae"],
  string: ["#0f6b3c", "#86d6a4"],
  number: ["#8a4600", "#e8b06c"],
  keyword: ["#8b1a8b", "#dd93dd"],
  call: ["#0b4f9e", "#8cc0f5"],
} as const satisfies Record<string, readonly [light: string, dark: string]>;

const light = Object.entries(colours).map(([name, [value]]) => `--${name}:${value};`);
const both = Object.entries(colours).map(([name, [day, night]]) => `--${name}:light-dark(${day},${night});`);

/** The style sheet. */
export const styleSheet = `
:root{color-scheme:light;${light.join("")}}
@supports (color:light-dark(#fff,#000)){:root{color-scheme:light dark;${both.join("")}}
:root:has(#theme-light:checked){color-scheme:light}:root:has(#theme-dark:checked){color-scheme:dark}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0;background:var(--bg);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,.bar-top,footer{max-width:66rem;margin:0 auto;padding:0 1.25rem}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--bg);padding:.4rem .8rem;z-index:2}
.bar-top{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:center;justify-content:space-between;padding-top:1rem;padding-bottom:.75rem;font-size:.875rem;color:var(--quiet)}
.bar-top b{color:var(--text);letter-spacing:.01em}
.theme{display:flex;border:1px solid var(--line);border-radius:999px;padding:2px;margin:0;background:var(--panel)}
.theme legend{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.theme label{position:relative;cursor:pointer}
.theme input{position:absolute;opacity:0;inset:0;margin:0;cursor:pointer}
.theme span{display:block;padding:.1rem .75rem;border-radius:999px}
.theme input:checked+span{background:var(--bg);color:var(--text);box-shadow:0 0 0 1px var(--line)}
.theme input:focus-visible+span{outline:3px solid var(--link);outline-offset:1px}
h1{font-size:clamp(1.7rem,1.1rem + 2.6vw,2.9rem);line-height:1.15;letter-spacing:-.02em;margin:1.25rem 0 .75rem;font-weight:700;text-wrap:balance;max-width:26ch}
h2.again{font-size:clamp(1.4rem,1rem + 1.6vw,2rem);line-height:1.2;letter-spacing:-.015em;max-width:32ch;margin-bottom:.75rem}
.overview{margin:.25rem 0 1rem;padding:0;list-style:none}.overview li{margin:.15rem 0}
h2{font-size:1.4rem;line-height:1.25;letter-spacing:-.01em;margin:0 0 .5rem}
h3{font-size:1.02rem;line-height:1.3;margin:1.5rem 0 .5rem}
section{padding:2.25rem 0;border-top:1px solid var(--line)}
section.top{border-top:0;padding-top:.5rem}
section.part{border-top:4px solid var(--line);margin-top:2rem}
p{margin:.4rem 0 1rem;max-width:72ch}
.lede{font-size:1.08rem}
.note{border-left:4px solid var(--before);background:var(--panel);padding:.6rem .9rem;border-radius:0 8px 8px 0;font-size:.95rem}
.quiet,figcaption{color:var(--quiet);font-size:.875rem}
b{font-weight:650}
figure{margin:1.5rem 0}
figcaption{margin-top:.75rem;max-width:72ch}
.arms .rows{display:grid;gap:.55rem}
.row{display:grid;grid-template-columns:13.5rem 1fr 11rem;gap:1rem;align-items:center}
.row .name{font-weight:550}
.row .value{line-height:1.25;font-variant-numeric:tabular-nums}
.row .value b{font-size:1.2rem}
.axis{display:flex;justify-content:space-between;color:var(--quiet);font-size:.75rem;margin:0 12rem 0 14.5rem}
.axis span{width:0;display:flex;justify-content:center;white-space:nowrap}
.tag{font-size:.72rem;font-weight:650;padding:.05rem .5rem;border-radius:999px;vertical-align:.1em}
.tag.before{background:var(--before-tint);color:var(--before)}.tag.after{background:var(--after-tint);color:var(--after)}
svg.bar{display:block;width:100%;overflow:visible}svg.defs{position:absolute}
.fill.before{fill:var(--before)}.fill.after{fill:var(--after)}.fill.other{fill:var(--other)}
.unseen{fill:none;stroke:var(--quiet);stroke-dasharray:3 3}.whisker{stroke:var(--whisker);stroke-width:1.5}.halo{stroke:var(--bg);stroke-width:5;opacity:.65}
.grid{stroke:var(--line);stroke-width:1}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:.75rem;margin:1.5rem 0 0}
.facts>div{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:.8rem 1rem}
.facts dt{font-weight:600}.facts dd{margin:0}
.facts .was,.facts .is{font-size:1.35rem;font-weight:650;font-variant-numeric:tabular-nums}
.facts .was{color:var(--before)}.facts .is{color:var(--after)}.facts .arrow{color:var(--quiet);padding:0 .45rem}
.wide{overflow-x:auto;margin:1rem 0;border:1px solid var(--line);border-radius:10px}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding:.7rem .6rem}
.figures{width:100%;font-size:.875rem}
.figures th,.figures td{padding:.5rem .6rem;text-align:left;vertical-align:top;border-top:1px solid var(--line)}
.figures thead th{color:var(--quiet);font-weight:600;vertical-align:bottom;line-height:1.3}
.figures tbody th{white-space:nowrap;font-weight:600;position:sticky;left:0;background:var(--bg)}
.figures td .quiet{font-size:.8rem}.figures tbody th .quiet{font-weight:400}.nb{white-space:nowrap}
.plain-edge{border:0;margin:0;border-radius:0}.heat tbody th{font-weight:400;white-space:normal;overflow-wrap:anywhere;min-width:9rem}
.h1,.h2,.h3,.h4{background:color-mix(in srgb,var(--before) calc(var(--heat)*1%),var(--bg))}.h1{--heat:8}.h2{--heat:16}.h3{--heat:25}.h4{--heat:34}
.grid-table{width:100%}
.grid-table th,.grid-table td{padding:.7rem .9rem;text-align:left;border-top:1px solid var(--line)}
.grid-table td b{font-size:1.2rem}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(18.5rem,1fr));gap:.9rem;margin-top:1rem}
.glance{padding:.6rem .9rem}.glance-row{display:grid;grid-template-columns:11rem 1fr 8.5rem;gap:.2rem 1rem;align-items:center;font-size:.85rem;margin:.15rem 0;overflow-wrap:anywhere}.glance-row .axis{margin:0}.glance-head{margin:.7rem 0 .2rem;overflow-wrap:anywhere}.glance-head:first-child{margin-top:0}.inside{padding:.25rem .9rem;scroll-margin-top:4.5rem}.inside>section:first-child{border:0;margin:0;padding-top:.5rem}.noted{padding:0 .9rem}
.card{border:1px solid var(--line);border-radius:10px;padding:.9rem 1rem .2rem;background:var(--panel)}
.card h3{margin:0 0 .6rem}.card h3 .quiet{font-weight:400}
.small-row{display:grid;grid-template-columns:7rem 1fr 2.7rem;gap:.6rem;align-items:center;font-size:.8rem;margin:.2rem 0}
.ticks{margin:-.15rem 0 .35rem}.ticks .axis{margin:0}.small-row .value{text-align:right;font-variant-numeric:tabular-nums}
details.example,details.manifest{border:1px solid var(--line);border-radius:10px;margin:.75rem 0;background:var(--bg)}
summary{cursor:pointer;padding:.65rem .9rem;overflow-wrap:anywhere}
details[open]>summary{border-bottom:1px solid var(--line)}
.findings{padding:.6rem .9rem 0}
.findings p{margin:.2rem 0;overflow-wrap:anywhere}
.flow{margin:.2rem 0 .7rem;padding-left:1.5rem;font-size:.9rem;color:var(--quiet);overflow-wrap:anywhere}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.84em}
.diff{overflow-x:auto;padding:.4rem 0 .6rem}
.diff table{min-width:100%}
.diff td{padding:0 .4rem;white-space:pre;line-height:1.5;height:1.45rem;vertical-align:baseline}
.diff code{font-size:.82rem;tab-size:4}.diff code::before{content:"\\200b"}
.diff td.no,.diff td.sign{width:1%}
.diff .no{color:var(--quiet);text-align:right;font-size:.72rem;user-select:none;padding-right:.1rem}.diff .no:first-child{padding-left:.9rem}
.diff .sign{font-weight:700;user-select:none}
.diff mark{background:none;color:inherit;text-decoration:underline 2px;text-underline-offset:3px}.diff .removed mark{text-decoration-color:var(--removed-sign)}.diff .added mark{text-decoration-color:var(--added-sign)}
.stop{display:inline-block;min-width:1.15rem;padding:0 .25rem;border-radius:999px;background:var(--text);color:var(--bg);font:650 .7rem/1.15rem system-ui,sans-serif;text-align:center}
.diff .removed td{background:var(--removed)}.diff .removed .sign{color:var(--removed-sign)}
.diff .added td{background:var(--added)}.diff .added .sign{color:var(--added-sign)}
.diff .risk td:first-child{box-shadow:inset 4px 0 var(--risk)}
.diff .folded td{color:var(--quiet);font-size:.78rem;font-style:italic;padding-top:.2rem;padding-bottom:.2rem}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.c-comment{color:var(--comment);font-style:italic}.c-string{color:var(--string)}.c-number{color:var(--number)}.c-keyword,.c-decorator{color:var(--keyword)}.c-call{color:var(--call)}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1rem 2rem;margin:1rem 0}
.counts{width:100%;align-self:start;font-size:.875rem}
.counts caption{padding:.3rem 0}
.counts th{font-weight:400;text-align:left;padding:.15rem .6rem .15rem 0;overflow-wrap:anywhere}
.counts td{padding:.15rem 0;text-align:right}
.counts .track{width:38%;padding-right:.6rem}
.fill-box{display:block;height:.7rem;border-radius:2px;background:var(--other)}
.curve{display:grid;grid-template-columns:3rem 1fr;gap:.5rem}
.curve svg{display:block;width:100%;height:16rem;border-left:1px solid var(--line);border-bottom:1px solid var(--line)}
.curve .y{display:flex;flex-direction:column;justify-content:space-between;text-align:right;height:16rem}
.curve .x{display:flex;justify-content:space-between}
.curve .x,.curve .y{font-size:.75rem;color:var(--quiet)}
.wrap{white-space:normal;font-weight:400;display:inline-block;max-width:14rem}
.planes{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:1rem 2.5rem}.scatter{margin:.5rem 0}.scatter h3{margin:.5rem 0 1rem}.plane-words{color:var(--quiet);font-size:.8rem;margin:.9rem 0 0;padding-left:2.5rem}
.scatter .plane{display:grid;grid-template-columns:2rem 1fr;gap:.4rem .5rem;max-width:36rem}
.scatter svg{display:block;width:100%;aspect-ratio:1;max-height:26rem;overflow:visible}
.scatter .y{display:flex;flex-direction:column;justify-content:space-between;text-align:right}
.scatter .x{grid-column:2;display:flex;justify-content:space-between}
.scatter .x span{width:0;display:flex;justify-content:center}.scatter .y span{height:0;display:flex;align-items:center;justify-content:flex-end}
.scatter .x,.scatter .y{font-size:.75rem;color:var(--quiet);line-height:1}
.scatter .legend{margin:.75rem 0 0;padding-left:1.6rem}
.reach{stroke:var(--other);stroke-width:2}.reach.before{stroke:var(--before)}.reach.after{stroke:var(--after)}
.point{fill:var(--bg);stroke:var(--other);stroke-width:2.5}.point.before{stroke:var(--before)}.point.after{stroke:var(--after)}
.point-no{fill:var(--text);font-size:.75rem;font-weight:650;text-anchor:middle}
.line{fill:none;stroke-width:2;vector-effect:non-scaling-stroke}
.line.train{stroke:var(--other)}.line.held{stroke:var(--after);stroke-width:2.5}
.best{stroke:var(--before);stroke-width:1.5;stroke-dasharray:5 4;vector-effect:non-scaling-stroke}
.key{display:inline-block;width:1.4rem;height:0;border-top:3px solid var(--other);vertical-align:middle;margin:0 .25rem 0 .6rem}
.key.held{border-color:var(--after)}.key.best{border-top:2px dashed var(--before)}
.plain{font-size:.85rem;margin:.5rem 0;width:100%;table-layout:fixed}
.plain th{font-weight:400;color:var(--quiet);text-align:left;vertical-align:top;padding:.2rem .9rem;width:32%;overflow-wrap:anywhere}
.plain td{padding:.2rem .9rem;overflow-wrap:anywhere}
.words{display:grid;grid-template-columns:9rem 1fr;gap:.4rem 1rem;max-width:56rem}
.words dt{font-weight:600}.words dd{margin:0}
ul{padding-left:1.2rem;max-width:72ch}li{margin:.35rem 0}
footer{padding-top:1.5rem;padding-bottom:3rem;border-top:1px solid var(--line);color:var(--quiet);font-size:.85rem}
@media (max-width:46rem){
main,.bar-top,footer{padding-left:1rem;padding-right:1rem}
.row{grid-template-columns:1fr auto;gap:.15rem .75rem}
.row .draw{grid-column:1/-1;order:3}
.row .value{text-align:right}.row .value br{display:none}
.row .value b{font-size:1.05rem}
.row .value .quiet+br+.quiet{display:none}
.arms .axis{margin:0}.arms .axis span{width:auto}
.figures tbody th{white-space:normal;min-width:7rem;max-width:10rem;overflow-wrap:break-word}
.glance-row{grid-template-columns:1fr auto}.glance-row>.bar,.glance-row>.axis{grid-column:1/-1;order:3}.glance-row .axis span{width:auto}
.words{grid-template-columns:1fr;gap:.1rem}.words dd{margin-bottom:.6rem}
.facts{grid-template-columns:repeat(2,minmax(0,1fr))}.facts>div{padding:.6rem .7rem}.facts .was,.facts .is{font-size:1.1rem}.facts .arrow{padding:0 .2rem}
.plain th{width:40%}
.diff td{white-space:pre-wrap;overflow-wrap:anywhere}.diff td.no,.diff td.sign{white-space:nowrap;overflow-wrap:normal}.diff .no{padding:0 .1rem}.diff .no:first-child{padding-left:.5rem}.diff td:last-child{padding-right:.75rem}
}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
@media print{
:root{color-scheme:light!important}
.theme,.skip{display:none}
body{font-size:11pt}
section{padding:1rem 0}
.facts{grid-template-columns:repeat(4,1fr)}.facts .was,.facts .is{font-size:12pt}
.card,.row,.facts>div,tr,figure{break-inside:avoid}thead{display:table-header-group}
.figures{font-size:7pt}.figures th,.figures td{padding:2pt}.figures tbody th,.figures .nb{white-space:normal}.figures tbody th{position:static;min-width:0;max-width:34mm}.figures thead th{font-size:6pt;overflow-wrap:anywhere}.figures td .quiet{font-size:7pt}
h2,h3,summary{break-after:avoid}
.example{break-inside:auto}details>summary{list-style:none}details>summary::-webkit-details-marker{display:none}
details::details-content{content-visibility:visible;display:block;height:auto;opacity:1}
.diff,.wide{overflow:visible}.diff td:last-child{white-space:pre-wrap;overflow-wrap:anywhere}
.stop{print-color-adjust:exact;-webkit-print-color-adjust:exact}
svg,.fill-box,.diff td,.tag{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}`;
