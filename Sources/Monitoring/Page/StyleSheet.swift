/// What the page looks like, as `/style.css`.
enum StyleSheet {
    static let text = """
        :root { --ground: #f6f7f9; --panel: #fff; --edge: #e1e4ea; --ink: #1b1f27; --quiet: #626b7a; --accent: #2563c9;
          --wash: #2563c91f; --good: #1a7f45; --bad: #c22f2f; --care: #a86400; }
        @media (prefers-color-scheme: dark) { :root { --ground: #11141a; --panel: #191d25; --edge: #2a303c; --ink: #e6e9ef;
          --quiet: #98a2b3; --accent: #74a7ff; --wash: #74a7ff26; --good: #57c785; --bad: #ff7b72; --care: #e3ad4e; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 68rem; padding: 1.25rem; background: var(--ground); color: var(--ink);
          font: 15px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
        header, footer, .notes li > div, figcaption, dl > div { display: flex; justify-content: space-between; gap: .75rem; }
        header { align-items: baseline; flex-wrap: wrap; }
        h1 { font-size: 1.15rem; margin: 0; }
        h2 { font-size: .95rem; margin: 0 0 .25rem; }
        header p, .quiet, footer, time, small, dt, figcaption { color: var(--quiet); }
        header p, .quiet, footer, time, small, figcaption { font-size: .85rem; }
        code, pre { font: .9em ui-monospace, "DejaVu Sans Mono", monospace; }
        a { color: var(--accent); }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        main { display: grid; gap: 1rem; margin: 1rem 0; }
        .panel, .headline { background: var(--panel); border: 1px solid var(--edge); border-radius: .6rem; padding: 1rem 1.15rem;
          min-width: 0; }
        .columns { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(19rem, 100%), 1fr)); }
        .headline { border-left: 4px solid var(--good); }
        .headline.warning { border-left-color: var(--care); }
        .headline.critical { border-left-color: var(--bad); }
        .state { margin: 0; }
        .dot { display: inline-block; width: .65rem; height: .65rem; margin-right: .5rem; border-radius: 50%;
          background: var(--good); }
        .warning .dot { background: var(--care); }
        .critical .dot { background: var(--bad); }
        .notes { list-style: none; margin: .75rem 0 0; padding: 0; }
        .notes li { border-top: 1px solid var(--edge); padding: .6rem 0; overflow-wrap: anywhere; }
        .notes li:last-child { padding-bottom: 0; }
        .notes li > div { flex-wrap: wrap; }
        .notes p { margin: .15rem 0 0; }
        .notes.critical code, dd.critical { color: var(--bad); }
        .notes.warning code, dd.warning { color: var(--care); }
        .flow { display: block; width: 100%; max-width: 34rem; margin: 0 auto; }
        .flow text { fill: var(--ink); font-size: 12.5px; text-anchor: middle; }
        .flow .title { font-size: 14.5px; font-weight: 600; }
        .flow rect { fill: var(--ground); stroke: var(--edge); }
        .flow marker path { fill: context-stroke; }
        .way line { stroke: var(--accent); stroke-width: 2; }
        .way.broken line { stroke: var(--bad); stroke-dasharray: 4 4; }
        .way.off line { stroke: var(--edge); }
        .flow .way text { fill: var(--accent); font-size: 12px; }
        .flow .way.broken text { fill: var(--bad); }
        .flow .way.off text { fill: var(--quiet); }
        .rate { margin: 0; color: var(--quiet); }
        .rate strong { color: var(--ink); font-size: 1.75rem; font-weight: 600; line-height: 1.2; }
        .chart { margin: .5rem 0 .75rem; }
        .chart svg { display: block; width: 100%; height: 3.5rem; }
        .chart .area { fill: var(--wash); }
        .chart .line { fill: none; stroke: var(--accent); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
        .chart .base { stroke: var(--edge); vector-effect: non-scaling-stroke; }
        meter { width: 100%; height: .7rem; margin: .5rem 0 .75rem; }
        dl { margin: 0; }
        dl > div { padding: .28rem 0; border-top: 1px solid var(--edge); }
        dd { margin: 0; text-align: right; }
        small { display: block; }
        .endpoints { margin: .6rem 0 0; overflow-wrap: anywhere; }
        .scroll { overflow-x: auto; }
        table { width: 100%; border-collapse: collapse; font-size: .88rem; }
        th, td { padding: .35rem .9rem .35rem 0; text-align: left; vertical-align: top; border-top: 1px solid var(--edge);
          white-space: nowrap; }
        thead th { border: 0; color: var(--quiet); font-weight: 500; }
        .number { text-align: right; }
        .topic, .detail { white-space: normal; overflow-wrap: anywhere; min-width: 11rem; }
        summary { cursor: pointer; font-weight: 600; font-size: .95rem; }
        pre { overflow-x: auto; margin: .75rem 0 0; line-height: 1.45; }
        footer { justify-content: flex-start; flex-wrap: wrap; }

        """
}
