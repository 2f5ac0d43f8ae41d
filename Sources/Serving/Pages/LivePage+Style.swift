extension LivePage {
  static let style = """
    :root { --c1: #1f5f8b; --c2: #8a5a00; --c3: #1e6b3a; --c4: #8d3a86; --c5: #5d6058; --c6: #a3261c; }
    @media (prefers-color-scheme: dark) {
      :root { --c1: #7fb7e0; --c2: #e8b13d; --c3: #6fca8d; --c4: #d79ad2; --c5: #a8a99d; --c6: #ff8f84; }
    }
    header { justify-content: flex-end; }
    h1 { margin-right: auto; }
    .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    .pill { margin: 0; padding: .15rem .75rem; border: 1px solid; border-radius: 1rem; font-size: .875rem; }
    .pill { color: var(--quiet); }
    .pill.good { color: var(--good); } .pill.warn { color: var(--warn); } .pill.bad { color: var(--bad); }
    .tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: .75rem; margin: .6rem 0 0; }
    .tiles.few { grid-template-columns: repeat(6, 1fr); }
    .tiles div {
      display: flex; flex-direction: column; padding: .7rem .85rem; background: var(--card);
      border: 1px solid var(--line); border-radius: .5rem; min-width: 0;
    }
    .tiles dt { color: var(--quiet); font-size: .875rem; }
    .tiles dd { margin: 0; font-size: 1.5rem; font-weight: 600; overflow-wrap: anywhere; }
    .tiles.few dd { font-size: 1.15rem; }
    .tiles dd.note, .tiles.few dd.note { font-size: .8125rem; font-weight: 400; color: var(--quiet); }
    .tiles div:first-child dd:not(.note) { color: var(--accent); }
    .tiles.few div:first-child dd:not(.note) { color: inherit; }
    .tiles dd.small { font-size: 1.05rem; }
    .tiles dd.bad { color: var(--bad); }
    .pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 1.25rem; }
    .pair > section:only-child, .pair > section[hidden] + section, .pair > section:has(+ section[hidden]) {
      grid-column: 1 / -1;
    }
    .plot {
      position: relative; height: 15rem; margin-top: .6rem; padding: .6rem; background: var(--card);
      border: 1px solid var(--line); border-radius: .5rem;
    }
    #partitions-section .scroll { max-height: 19rem; overflow-y: auto; }
    #partitions-section thead th { position: sticky; top: 0; z-index: 1; background: var(--card); }
    .bar { position: relative; }
    .bar span { position: relative; }
    .bar::before {
      content: ""; position: absolute; inset: .2rem auto .2rem 0; width: var(--share, 0%);
      border-radius: 0 .2rem .2rem 0; background: var(--c1); opacity: .16;
    }
    .status-open { color: var(--accent); }
    .status-revised, .status-amended { color: var(--warn); }
    .empty { color: var(--quiet); }
    footer.quiet { margin: 1.5rem 0 .5rem; }
    body.lost main { opacity: .75; }
    @media (max-width: 56rem) {
      .pair { grid-template-columns: minmax(0, 1fr); }
      .tiles.few { grid-template-columns: repeat(3, 1fr); }
    }
    @media (max-width: 36rem) {
      .tiles, .tiles.few { grid-template-columns: repeat(2, 1fr); gap: .5rem; }
      .tiles dd { font-size: 1.25rem; }
      .plot { height: 12rem; padding: .4rem; }
      tbody th { white-space: normal; }
      #windows th { white-space: nowrap; }
    }
    """
}
