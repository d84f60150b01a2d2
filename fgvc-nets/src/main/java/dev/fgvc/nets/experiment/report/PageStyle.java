package dev.fgvc.nets.experiment.report;

/** How a report looks: light or dark as the reader, on a phone, on a desk and on paper. */
final class PageStyle {

  static final String CSS =
      """
      :root { color-scheme: light dark; --text: #222; --soft: #555; --line: #d5d5d5;
             --ground: #fff; --raised: #f5f6f8; --good: #176117; --bad: #a31515; --open: #7a5a00;
             --group0: #1f4fbf; --group1: #c01f1f; --group2: #1f7f3f; }
      @media screen and (prefers-color-scheme: dark) {
        :root { --text: #e4e4e4; --soft: #a8a8a8; --line: #3a3d44; --ground: #16181c;
               --raised: #1f2229; --good: #7fd88f; --bad: #ff9c9c; --open: #e3c46a;
               --group0: #8fb0ff; --group1: #ff9c9c; --group2: #86d6a3; }
        img.paper { filter: invert(0.91) hue-rotate(180deg); } }
      * { box-sizing: border-box; }
      body { font-family: system-ui, sans-serif; line-height: 1.45; color: var(--text);
             background: var(--ground); margin: 2rem auto; max-width: 62rem; padding: 0 1rem;
             overflow-wrap: break-word; }
      h1 { font-size: 1.6rem; line-height: 1.2; }
      h2 { font-size: 1.25rem; margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
      table { border-collapse: collapse; margin: 1rem 0; font-size: 0.92rem; }
      .caption { font-size: 0.92rem; font-weight: 600; margin: 1.4rem 0 0; }
      .caption + .wide > table { margin-top: 0.2rem; }
      th, td { padding: 0.25rem 0.7rem; border-bottom: 1px solid var(--line); text-align: right;
               vertical-align: baseline; white-space: nowrap; }
      th:first-child, td:first-child { text-align: left; position: sticky; left: 0;
               background: var(--ground); padding-left: 0; }
      .text, .text:first-child { text-align: left; white-space: normal; }
      thead th { border-bottom: 1px solid var(--soft); vertical-align: bottom; }
      th.group { text-align: center; }
      .interval { color: var(--soft); font-size: 0.85em; }
      .wide { overflow-x: auto; }
      .wide table > tbody td:first-child { max-width: 22rem; white-space: normal; }
      .facts td:first-child { width: 9rem; color: var(--soft); }
      .facts td.text { overflow-wrap: anywhere; }
      .summary { font-size: 1.05rem; }
      .claims { width: 100%; } .claims td, .claims th { text-align: left; }
      .claims .text { min-width: 15rem; }
      .margin { display: block; }
      .margin line { stroke: var(--soft); } .margin .least { stroke-dasharray: 2 2; }
      .margin .range { stroke: currentColor; stroke-width: 3; }
      .margin circle { fill: currentColor; }
      .shown { color: var(--good); } .open { color: var(--open); }
      .contradicted { color: var(--bad); } .shown, .open, .contradicted { font-weight: 600; }
      figure { margin: 1.5rem 0; }
      figure img { width: 36rem; max-width: 100%; height: auto; }
      figure img.paper, figure[id^="figure-3"] img { width: auto; }
      figcaption, .note { font-size: 0.92rem; color: var(--soft); }
      .pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(5rem, 1fr));
                  gap: 0.6rem 0.5rem; list-style: none; padding: 0; margin: 0.4rem 0 1.2rem; }
      .pictures li { font-size: 0.75rem; line-height: 1.25; overflow-wrap: anywhere; }
      .pictures img { width: 100%; aspect-ratio: 1; object-fit: cover; display: block;
                      border-radius: 3px; margin-bottom: 0.2rem; }
      .row { font-weight: 600; margin: 0; }
      .group0 { color: var(--group0); } .group1 { color: var(--group1); }
      .group2 { color: var(--group2); }
      @media (max-width: 40rem) {
        body { margin: 1rem auto; }
        th, td { padding: 0.25rem 0.5rem; }
        th { white-space: normal; }
        .wide table > tbody td:first-child { min-width: 5rem; max-width: 9rem; }
        .facts td:first-child { width: 6rem; }
        td .interval { display: block; }
        .claims .interval { display: inline; }
        figure img.paper { width: 44rem; max-width: none; }
        .claims thead { display: none; }
        .claims tr { display: block; padding: 0.6rem 0; border-bottom: 1px solid var(--line); }
        .claims td, .wide .claims > tbody td:first-child {
          display: block; position: static; max-width: none; border: none; padding: 0.1rem 0;
          white-space: normal; }
        .claims .seeds::before { content: "by seed: "; color: var(--soft); }
      }
      @media print {
        body { margin: 0; max-width: none; font-size: 10pt; }
        .wide { overflow: visible; }
        th, td { padding: 0.15rem 0.35rem; white-space: normal; }
        th:first-child, td:first-child { position: static; }
        h2 { break-after: avoid; } .row { break-after: avoid; }
        tr, figure img, .pictures li { break-inside: avoid; }
        figure img { max-height: 11cm; max-width: 100%; }
        .pictures { grid-template-columns: repeat(auto-fill, minmax(1.9cm, 1fr)); }
      }
      """;

  private PageStyle() {}
}
