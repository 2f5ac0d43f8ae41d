extension LivePage {
  /// Readable on a phone, in the light and in the dark; contrast of all text is at least 4.5 : 1.
  static let style = """
    :root {
      --page: #f6f6f3; --card: #ffffff; --ink: #1c1d1a; --quiet: #5d6058; --line: #dfe0da;
      --accent: #8a5a00; --good: #1e6b3a; --warn: #8a5a00; --bad: #a3261c;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #14150f; --card: #1e1f19; --ink: #eceae1; --quiet: #a8a99d; --line: #36382f;
        --accent: #e8b13d; --good: #6fca8d; --warn: #e8b13d; --bad: #ff8f84;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0 auto; padding: 1rem; max-width: 72rem; background: var(--page); color: var(--ink);
      font: 1rem/1.45 system-ui, sans-serif; font-variant-numeric: tabular-nums;
    }
    h1 { margin: 0; font-size: 1.3rem; letter-spacing: .01em; }
    h2 { margin: 0; font-size: 1rem; }
    header, .line { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; }
    header { justify-content: space-between; align-items: center; }
    section { margin-top: 1.5rem; }
    .quiet { margin: 0; color: var(--quiet); font-size: .875rem; }
    .pill { margin: 0; padding: .15rem .75rem; border: 1px solid; border-radius: 1rem; font-size: .875rem; }
    .pill { color: var(--quiet); }
    .pill.good { color: var(--good); } .pill.warn { color: var(--warn); } .pill.bad { color: var(--bad); }
    .notice { padding: .75rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
    .tiles {
      display: grid; grid-template-columns: repeat(4, 1fr); gap: .75rem; margin: .6rem 0 0;
    }
    .tiles div {
      display: flex; flex-direction: column; padding: .7rem .85rem; background: var(--card);
      border: 1px solid var(--line); border-radius: .5rem;
    }
    .tiles dt { color: var(--quiet); font-size: .875rem; }
    .tiles dd { margin: 0; font-size: 1.5rem; font-weight: 600; overflow-wrap: anywhere; }
    .tiles dd.note { font-size: .875rem; font-weight: 400; color: var(--quiet); }
    .tiles div:first-child dd { color: var(--accent); }
    .tiles dd.small { font-size: 1.05rem; }
    .scroll {
      margin-top: .6rem; overflow-x: auto; background: var(--card); border: 1px solid var(--line);
      border-radius: .5rem;
    }
    .scroll:focus-visible { outline: 2px solid var(--accent); }
    table { width: 100%; border-collapse: collapse; font-size: .9375rem; }
    th, td { padding: .35rem .75rem; text-align: left; white-space: nowrap; border-top: 1px solid var(--line); }
    thead th { border-top: 0; color: var(--quiet); font-weight: 500; font-size: .875rem; }
    tbody th { font-weight: 500; }
    .number { text-align: right; }
    .status-open { color: var(--accent); }
    .status-revised, .status-amended { color: var(--warn); }
    .empty { color: var(--quiet); }
    footer.quiet { margin: 1.5rem 0 .5rem; }
    body.lost main { opacity: .55; }
    @media (max-width: 36rem) {
      body { padding: .75rem; }
      .tiles { grid-template-columns: repeat(2, 1fr); gap: .5rem; }
      .tiles dd { font-size: 1.25rem; }
      th, td { padding: .3rem .5rem; }
    }
    """
}
