"""How the page of a report looks, by day and by night."""

from __future__ import annotations

STYLE = """
:root{color-scheme:light dark;--back:#f6f7f9;--card:#fff;--text:#1c2430;--quiet:#5d6878;--rule:#e3e7ec;--worked:#1f9d72;
--rested:#e0a126;--kept:#8fa3bd;--free:#e4e9f0;--unknown:#c3b4d8;--hatch:#c2c9d3;--mine:#8a4fd0}
@media (prefers-color-scheme:dark){:root{--back:#11151b;--card:#191f28;--text:#e5eaf1;--quiet:#95a1b2;--rule:#2a323e;
--worked:#35b98a;--rested:#e3ab3c;--kept:#5f7593;--free:#2a333f;--unknown:#6b5a86;--hatch:#434e5d;--mine:#b98cf0}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:1080px;margin:0 auto;padding:32px 20px 48px}
header{display:flex;align-items:baseline;gap:16px;flex-wrap:wrap}
h1{font-size:26px;margin:0}h2{font-size:15px;margin:0 0 12px;font-weight:600}
header p,footer,small,.tile span,.label,.date{color:var(--quiet)}header p{margin:0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(165px,1fr));gap:12px;margin:22px 0 0}
.tile,section{background:var(--card);border:1px solid var(--rule);border-radius:10px}
.tile{padding:14px 16px;border-top:3px solid var(--kept)}.tile.used{border-top-color:var(--worked)}
.tile.idle{border-top-color:var(--rested)}.tile.energy,.tile.watched{border-top-color:var(--rule)}
.tile small{display:block;font-size:13px}
.tile b{display:block;font-size:24px;line-height:1.3;font-variant-numeric:tabular-nums}
.tile span{font-size:13px}
section{padding:18px 20px;margin-top:14px;overflow-x:auto}
.legend{display:flex;gap:16px;flex-wrap:wrap;margin:-4px 0 8px;font-size:13px;color:var(--quiet)}
.legend i{display:inline-block;width:11px;height:11px;border-radius:3px;margin-right:6px;vertical-align:-1px}
svg{display:block;width:100%;min-width:560px;height:auto}
rect{shape-rendering:crispEdges}
rect.worked{fill:var(--worked)}rect.rested{fill:var(--rested)}rect.kept{fill:var(--kept)}rect.free{fill:var(--free)}
rect.unknown{fill:var(--unknown)}rect.away{fill:url(#hatch)}.hatch-back{fill:var(--card)}
.hatch{stroke:var(--hatch);stroke-width:2.4}
i.worked{background:var(--worked)}i.rested{background:var(--rested)}i.kept{background:var(--kept)}i.free{background:var(--free)}
i.unknown{background:var(--unknown)}
i.away{background:repeating-linear-gradient(45deg,var(--card) 0 3px,var(--hatch) 3px 5px)}
.grid,.rule{stroke:var(--rule)}.day{stroke:var(--text);stroke-opacity:.16;stroke-dasharray:2 3}
text{font-size:11.5px;fill:var(--quiet)}.label{text-anchor:end}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:7px 10px;text-align:right;border-top:1px solid var(--rule);white-space:nowrap}
thead th{border:0;font-size:13px;font-weight:500;color:var(--quiet);padding-top:0}
th:first-child{text-align:left;padding-left:0;font-weight:500}.mine th{color:var(--mine);font-weight:600}
td:last-child{width:34%;padding-right:0}
.bar{display:flex;height:12px}.bar i{display:block;height:12px}.bar i:first-child{border-radius:3px 0 0 3px}
.bar i:last-child{border-radius:0 3px 3px 0}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(380px,1fr));gap:0 14px}
ul{margin:0;padding-left:18px;font-size:14px}li{margin:3px 0}section p{margin:0;font-size:14px;color:var(--quiet)}
footer{font-size:13px;margin-top:22px}footer p{margin:4px 0}
@media print{body{background:#fff}section,.tile{break-inside:avoid}}
"""
