extension HTMLPage {
  /// How the page looks: on a screen of any width, and on paper.
  static let styleSheet: Markup = """
    :root { color-scheme: light; --ink: #1d232a; --soft: #59636e; --line: #dfe3e8; --wash: #f5f7f9; \
    --blue: #0072B2; --orange: #b84a00; }
    * { box-sizing: border-box; }
    body { margin: 0 auto; max-width: 1120px; padding: 32px 24px 64px; color: var(--ink); \
    background: #fff; font: 16px/1.5 system-ui, -apple-system, Roboto, Arial, sans-serif; }
    h1 { margin: 0 0 20px; font-size: 30px; line-height: 1.2; font-weight: 650; }
    h2 { margin: 0 0 14px; font-size: 21px; line-height: 1.3; }
    h3 { margin: 0 0 10px; font-size: 16px; }
    p { margin: 0 0 12px; }
    section { margin-top: 44px; padding-top: 28px; border-top: 1px solid var(--line); }
    small { font-size: 12.5px; color: var(--soft); font-weight: 400; }
    .name, .photo, .reason, .label, .nearest, dd { overflow-wrap: anywhere; }
    .kind { margin: 0 0 4px; color: var(--soft); font: 14px ui-monospace, monospace; }
    .setting { display: grid; grid-template-columns: repeat(auto-fill, minmax(400px, 1fr)); \
    gap: 6px 32px; margin: 0; font-size: 14.5px; }
    .setting div { display: grid; grid-template-columns: 104px 1fr; }
    dt { color: var(--soft); }
    dd { margin: 0; }
    #curves { border: 0; margin-top: 12px; }
    .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 14px; \
    margin-bottom: 20px; }
    .tile { display: flex; flex-direction: column; padding: 12px 16px; background: var(--wash); \
    border-radius: 8px; font-size: 14px; color: var(--soft); }
    .tile strong { font-size: 26px; line-height: 1.25; color: var(--ink); font-weight: 650; \
    font-variant-numeric: tabular-nums; }
    .term { overflow-wrap: anywhere; }
    figure { margin: 0 0 14px; }
    figcaption, .notes { margin-top: 8px; color: var(--soft); font-size: 13.5px; }
    svg { max-width: 100%; height: auto; display: block; }
    .swatch { display: inline-block; width: 34px; max-width: none; vertical-align: -2px; \
    margin-right: 10px; }
    details { margin: 0 0 12px; }
    summary { cursor: pointer; font-weight: 600; padding: 4px 0; }
    .scroll { overflow-x: auto; margin-bottom: 12px; }
    table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
    caption { text-align: left; color: var(--soft); font-size: 13.5px; padding-bottom: 8px; }
    th, td { padding: 6px 8px; text-align: right; white-space: nowrap; }
    th { font-weight: 600; }
    tbody th { text-align: left; font-weight: 500; }
    .strategies, .numbers { width: 100%; }
    .strategies thead th, .numbers thead th { color: var(--soft); font-size: 13px; \
    vertical-align: bottom; border-bottom: 1px solid var(--line); }
    .strategies thead tr:first-child th[colspan] { text-align: center; }
    .strategies thead tr:first-child th:first-child, .numbers th:first-child, .strategies tbody th \
    { text-align: left; padding-left: 8px; }
    td small { min-width: 40px; text-align: left; }
    .strategies thead .lead { padding-right: 53px; }
    .strategies tbody td, .strategies tbody th, .numbers tbody td, .numbers tbody th \
    { border-bottom: 1px solid var(--line); }
    td small { display: inline-block; margin-left: 5px; }
    .strategies td:last-child { white-space: normal; min-width: 84px; max-width: 190px; }
    .emphasised { background: #fdf1e8; }
    .emphasised th { font-weight: 700; }
    .random { background: var(--wash); }
    .below { color: var(--orange); font-weight: 600; }
    .none, .zero { color: #6b747d; }
    td.none { text-align: center; }
    .columns { display: grid; grid-template-columns: minmax(0, 1fr) 322px; gap: 36px; \
    align-items: start; }
    .confusion { width: 100%; max-width: 640px; }
    .confusion td, .confusion tbody th { border: 1px solid #fff; padding: 8px 9px; }
    .confusion td { min-width: 42px; text-align: center; }
    .confusion thead td { border: 0; }
    .confusion thead th { text-align: center; vertical-align: bottom; font-weight: 500; \
    padding: 5px 6px; }
    .upright thead th span { writing-mode: vertical-rl; transform: rotate(180deg); }
    .confusion .total { color: var(--soft); padding-left: 12px; }
    .cards { list-style: none; margin: 8px 0 16px; padding: 0; display: grid; \
    grid-template-columns: repeat(auto-fill, minmax(316px, 1fr)); gap: 12px; }
    .card { display: grid; grid-template-columns: 96px 1fr; gap: 12px; padding: 12px; \
    border: 1px solid var(--line); border-radius: 8px; font-size: 14px; line-height: 1.4; \
    break-inside: avoid; }
    .card p { margin: 0 0 3px; }
    .said { min-width: 0; }
    .thumbnail { width: 96px; height: 96px; object-fit: cover; border-radius: 5px; \
    background: var(--wash); }
    .photo { color: var(--soft); font-size: 12.5px; }
    .photo b { color: var(--ink); font-size: 14px; margin-right: 4px; }
    .label { font-weight: 650; font-size: 15px; }
    .right, .wrong { display: block; font-weight: 500; font-size: 13px; }
    .right { color: #00704f; }
    .wrong { color: var(--orange); }
    .figures { color: var(--soft); font-size: 12.5px; }
    .votes { display: flex; gap: 1px; height: 6px; margin: 5px 0 3px; border-radius: 3px; \
    overflow: hidden; }
    .nearest { margin: 0; padding: 0; list-style: none; font-size: 13px; }
    .nearest li { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
    pre { margin: 0 0 12px; padding: 14px 16px; background: var(--wash); border-radius: 8px; \
    overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
    code { font: 13.5px/1.5 ui-monospace, Menlo, Consolas, monospace; }
    @media (max-width: 760px) { figure { overflow-x: auto; } \
    figure svg { width: 740px; max-width: none; } }
    @media (max-width: 860px) { .columns { grid-template-columns: minmax(0, 1fr); } }
    @media (max-width: 560px) { body { padding: 20px 14px 40px; } h1 { font-size: 24px; } \
    .cards { grid-template-columns: minmax(0, 1fr); } .setting { grid-template-columns: 1fr; } }
    @media print { body { max-width: none; padding: 0; font-size: 12px; } \
    .scroll { overflow: visible; } h2, h3 { break-after: avoid; } figure, tr { break-inside: avoid; } \
    .tile, .emphasised, .random, .confusion td, .votes i { print-color-adjust: exact; } }
    """
}
