/// An SVG picture on a white panel, with a title and a description for who cannot see it.
struct Picture {
  var width: Double
  var height: Double
  /// Makes the names of its parts unique on a page.
  var identifier: String
  /// Whether it is a file of its own, which must name its language; HTML must not.
  var isFile: Bool
  var title: String
  var description: String
  var content: Markup

  var markup: Markup {
    let namespace: Markup = isFile ? "xmlns=\"http://www.w3.org/2000/svg\" " : ""
    return """
      <svg \(namespace)viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" \
      role="img" aria-labelledby="\(identifier)-title \(identifier)-description" \
      font-family="system-ui, -apple-system, Roboto, Arial, sans-serif" font-size="12" fill="#222">
      <title id="\(identifier)-title">\(title)</title>
      <desc id="\(identifier)-description">\(description)</desc>
      <rect x="0.5" y="0.5" width="\(width - 1)" height="\(height - 1)" rx="8" fill="#fff" \
      stroke="#e3e3e3"/>
      \(content)
      </svg>
      """
  }
}
