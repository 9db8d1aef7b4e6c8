#include "report/page.h"

namespace ravine::report {

std::string_view page_style() {
  return R"css(
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;
-webkit-text-size-adjust:100%}
main{max-width:1000px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:44px 0 14px}
h3{font-size:1rem;margin:28px 0 10px}
p{margin:0 0 12px}
.lead{color:var(--soft);overflow-wrap:anywhere}
.notice{border-left:4px solid var(--c1);padding:8px 14px;margin:18px 0;background:var(--raised);
overflow-wrap:anywhere}
:root{--raised:#f5f7f9}
@media (prefers-color-scheme:dark){:root{--raised:#1c2329}}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(132px,1fr));gap:12px;margin:22px 0 0;padding:0}
.tiles div{background:var(--raised);border-radius:8px;padding:12px 14px}
.tiles dt{font-size:.8rem;color:var(--soft)}
.tiles dd{margin:0;font-size:1.5rem;line-height:1.3;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.tiles dd small{display:block;font-size:.8rem;color:var(--soft)}
.curves{position:relative}
.switch{display:inline-flex;border:1px solid var(--rule);border-radius:8px;overflow:hidden;
position:absolute;right:0;top:-4px;font-size:.875rem}
.switch label{padding:4px 12px;cursor:pointer}
.switch input{position:absolute;opacity:0}
.switch label:has(:checked){background:var(--c0);color:var(--paper)}
.switch label:has(:focus-visible){outline:2px solid var(--ink);outline-offset:-2px}
.curves:has(#over-seconds:checked) .by-epochs,
.curves:has(.switch):not(:has(#over-seconds:checked)) .by-seconds{display:none}
.charts{display:grid;grid-template-columns:1fr 1fr;gap:28px 32px}
figure{margin:0;position:relative;min-width:0}
figcaption{margin-bottom:6px}
figcaption span,figure.text span{color:var(--soft);font-size:.875rem}
figure.text p{font-size:1.5rem;margin:8px 0 0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.chart:focus-visible{outline:2px solid var(--c0);outline-offset:3px;border-radius:4px}
.cursor{stroke:var(--soft);stroke-dasharray:2 3;pointer-events:none}
.dot{fill:var(--c);stroke:var(--paper);stroke-width:1.5;pointer-events:none}
.tip{position:absolute;z-index:1;pointer-events:none;background:var(--paper);border:1px solid var(--rule);
border-radius:6px;box-shadow:0 2px 10px #0003;padding:6px 10px;font-size:.8125rem;line-height:1.45;overflow-wrap:anywhere;
width:max-content;max-width:min(100%,340px)}
.tip b{display:block;font-weight:600}
.tip i{display:inline-block;width:10px;height:10px;border-radius:50%;background:var(--c);margin-right:6px}
.tip span{float:right;margin-left:14px;font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto}
.scroll:focus-visible{outline:2px solid var(--c0);outline-offset:2px}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;line-height:1.35}
caption,.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th{font-weight:600;text-align:left}
td{text-align:right}
th,td{padding:5px 10px;border-bottom:1px solid var(--rule);vertical-align:top}
th:first-child{padding-left:0}
thead th{color:var(--soft);font-weight:400;text-align:right;vertical-align:bottom}
thead th:first-child{text-align:left}
.words td:nth-child(2){min-width:11em}
.words td,.words thead th{text-align:left;overflow-wrap:anywhere}
td.best{font-weight:600}
td code{white-space:pre-wrap}
.runs code,.runs a{white-space:nowrap}
.runs td:has(code),.runs th:has(code){text-align:left}
.sides th{max-width:19em}.sides th code{white-space:normal;font-weight:400}.sides td{white-space:nowrap}
.told tbody th{white-space:nowrap}.told thead th:last-child{text-align:left}
.layers td:nth-child(2),.layers td:nth-child(3),.layers th:nth-child(2),.layers th:nth-child(3){text-align:left}
a{color:inherit;text-decoration-color:var(--soft);text-underline-offset:3px}
.usual{color:var(--soft)}
code,pre{font:.8125rem/1.5 ui-monospace,"SFMono-Regular",Menlo,Consolas,monospace}
pre{background:var(--raised);border-radius:8px;padding:12px 14px;margin:0 0 12px;white-space:pre-wrap;
overflow-wrap:anywhere}
.two{display:flex;flex-wrap:wrap;gap:24px 48px;align-items:flex-start}
.two>*{min-width:0;max-width:100%}
.matrix td{text-align:center;padding:0;border:1px solid var(--paper);min-width:32px;height:30px;vertical-align:middle}
.matrix th{border:0;vertical-align:middle;padding:2px 8px 2px 0}
.matrix thead th{padding:2px 0 4px;text-align:center;vertical-align:bottom}
.matrix.long thead th span{writing-mode:vertical-rl;transform:rotate(180deg)}
.matrix td.zero{color:var(--rule)}
.matrix td.right{background:rgb(42 143 199/calc(.1 + .5*var(--s)))}
.matrix td.wrong{background:rgb(213 94 0/calc(.1 + .55*var(--s)))}
.note{font-size:.875rem;color:var(--soft);margin:8px 0 0}
.bar{display:inline-block;width:56px;height:7px;background:var(--rule);border-radius:4px;margin-left:8px;
overflow:hidden;vertical-align:1px}
.bar i{display:block;height:100%;background:var(--c0)}
.faces{display:grid;grid-template-columns:repeat(auto-fill,minmax(104px,1fr));gap:16px 12px;padding:0;margin:0;
list-style:none;font-size:.8125rem;line-height:1.4}
.faces img{display:block;width:104px;height:104px;object-fit:contain;background:#000;border-radius:6px;
image-rendering:pixelated;margin-bottom:5px}
.faces b{font-weight:600}
.faces small{color:var(--soft);font-size:inherit}
details{border-top:1px solid var(--rule);padding:10px 0}
summary{cursor:pointer;overflow-wrap:anywhere}
details[open]>summary{margin-bottom:12px}
details.run>summary{font-weight:600}
footer{margin-top:48px;color:var(--soft);font-size:.8125rem}
@media (max-width:720px){.charts{grid-template-columns:minmax(0,1fr)}}
@media (max-width:600px){.tiles{grid-template-columns:1fr 1fr}}
@media (max-width:480px){main{padding:18px 12px 40px}.switch{position:static;margin-bottom:14px}
.matrix td{min-width:26px;height:27px;font-size:.75rem}.matrix th{padding-right:5px;font-size:.75rem}
th,td{padding:4px 7px}.words thead{display:none}.words tr{display:block;border-bottom:1px solid var(--rule);padding:6px 0}
.words th,.words td{display:block;border:0;padding:0}.faces{grid-template-columns:repeat(auto-fill,minmax(92px,1fr))}.faces img{width:92px;height:92px}}
@media print{:root{--paper:#fff;--ink:#000;--soft:#444;--rule:#ccc;--raised:#f3f3f3;--c0:#0072b2;--c1:#c14d00;--c2:#00855f;--c3:#b0548a;--c4:#b98500;--c5:#3797cf;--c6:#444;--c7:#8a8a8a}
body{font-size:11pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}main{max-width:none;padding:0}
.switch,.tip{display:none}
.curves .by-epochs,.curves .by-seconds{display:block!important}
.charts{grid-template-columns:1fr 1fr}
.scroll{overflow:visible}.runs{font-size:7pt}.runs th,.runs td{padding:4px}
.runs td:has(code){overflow-wrap:anywhere}.runs code,.runs a{white-space:normal;font-size:inherit}
figure,tr,.tiles div,.faces li{break-inside:avoid}h2,h3{break-after:avoid}}
)css";
}

}  // namespace ravine::report
