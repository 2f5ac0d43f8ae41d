extension SettingsTable {
  /// What the live page needs beside the engine.
  static let page: [SettingSpecification] = [
    .text(
      "page.chart_script", \.pageChartScript, .text(.optionalFile),
      default: "/usr/share/javascript/chart.js/chart.min.js",
      "Chart.js for the live page, as libjs-chart.js installs it; where it is not, the page has tables only")
  ]
}
