/// What all pages look like: readable on a phone, in the light and in the dark; contrast of text is at least 4.5 : 1.
enum PageStyle {
  static let common = """
    :root {
      --page: #f6f6f3; --card: #ffffff; --ink: #1c1d1a; --quiet: #5d6058; --line: #dfe0da;
      --accent: #8a5a00; --good: #1e6b3a; --warn: #8a5a00; --bad: #a3261c; --second: #1f5f8b;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #14150f; --card: #1e1f19; --ink: #eceae1; --quiet: #a8a99d; --line: #36382f;
        --accent: #e8b13d; --good: #6fca8d; --warn: #e8b13d; --bad: #ff8f84; --second: #7fb7e0;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0 auto; padding: 1rem; max-width: 76rem; background: var(--page); color: var(--ink);
      font: 1rem/1.45 system-ui, sans-serif; font-variant-numeric: tabular-nums;
    }
    h1 { margin: 0; font-size: 1.3rem; letter-spacing: .01em; }
    h2 { margin: 0; font-size: 1rem; }
    a { color: var(--second); }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
    header, .line { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; }
    header { justify-content: space-between; align-items: center; }
    section { margin-top: 1.5rem; }
    .quiet { margin: 0; color: var(--quiet); font-size: .875rem; }
    .notice { padding: .75rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
    input, select, textarea, button {
      font: inherit; padding: .3rem .5rem; color: var(--ink); background: var(--page);
      border: 1px solid var(--quiet); border-radius: .3rem;
    }
    .skip { position: absolute; left: -100rem; }
    .skip:focus { position: static; }
    .scroll {
      margin-top: .6rem; overflow-x: auto; background: var(--card); border: 1px solid var(--line);
      border-radius: .5rem;
    }
    table { width: 100%; border-collapse: collapse; font-size: .9375rem; }
    th, td { padding: .35rem .75rem; text-align: left; white-space: nowrap; border-top: 1px solid var(--line); }
    thead th { border-top: 0; color: var(--quiet); font-weight: 500; font-size: .875rem; }
    tbody th { font-weight: 500; }
    .number { text-align: right; }
    @media (max-width: 36rem) {
      body { padding: .75rem; }
      th, td { padding: .3rem .5rem; }
    }
    @media (prefers-reduced-motion: reduce) {
      * { transition: none !important; animation: none !important; }
    }
    """
}
