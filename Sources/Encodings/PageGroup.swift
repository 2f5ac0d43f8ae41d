public import Columns

/// The pages of columns that have the same rows: where a column determines another, only what belongs to each of its
/// values is stored of the other.
///
/// Texts that are made of words of another column's, as an event's identifier of its session's, are stored without
/// them.
///
/// **Choice.** Every column is encoded as if it were alone. Then each column of text, the largest page first, is tried
/// with each other one whose words it has. Then columns of text, and after them those of numbers, the largest page
/// first, are tried with each column of text whose page is a dictionary or determined itself, but not by them: what
/// leaves at most three quarters of the bytes is taken, since it costs reading another page, which must not be much
/// larger. Columns of many distinct values and small pages are left alone. A column of text whose page is smaller as
/// something else becomes a dictionary where others, which it determines then, save more than that costs.
public enum PageGroup {
  /// How many pages are read at most to read one: itself, what determines it, what determines that.
  public static let maximumDepth = 3
  /// Smaller pages are not worth reading another one.
  private static let worthwhileBytes = 256
  /// More than this of its own bytes is not worth it either.
  private static let worthwhileShare = 0.75
  /// Nor is a determinant of more than so many times the bytes of the page itself: whoever asks for a small column
  /// would have to read a large one.
  private static let worthwhileReading = 2
  /// Of all columns that may determine one so many are tried, those that seem to leave least.
  private static let triedCount = 2

  /// Appends the pages of `columns`, one after the other, and describes them. O(cells), and once more for each pair of
  /// columns of which the first may determine the second.
  ///
  /// Each column is given as slices of one type, at least one; all have as many rows, at most `Page.maximumRowCount`,
  /// which are preconditions.
  public static func encode(
    _ columns: [[ColumnSlice]], codec: PageCodec, into writer: inout ByteWriter
  ) -> [PageHeader] {
    var pages = columns.map { Candidate($0, codec) }
    for index in texts(pages) {
      guard let found = composed(index, pages, codec) else { continue }
      (pages[index].header, pages[index].bytes) = found
    }
    for index in order(pages) where pages[index].header.encoding != .composed {
      guard let found = determined(index, by: Array(pages.indices), pages, codec) else { continue }
      (pages[index].header, pages[index].bytes) = found
    }
    for index in texts(pages) { offerDictionary(index, &pages, codec) }
    for page in pages { writer.writeRaw(page.bytes.span) }
    return pages.map(\.header)
  }

  /// A column, what it takes so far, and its codes if it may be determined or determine others.
  private struct Candidate {
    var header: PageHeader
    var bytes: [UInt8]
    let codes: ColumnCodes?
    /// Its texts, if it may be made of others or others of it.
    let text: StringColumn?
    /// Of its texts, if they have one.
    let dictionary: TextDictionary?
    var isText: Bool { text != nil }

    init(_ slices: [ColumnSlice], _ codec: PageCodec) {
      let isOne = slices.count == 1
      // Chosen rows are put side by side once for all that looks at them.
      let gathered = isOne ? slices[0].rows.map { Gathering.column(slices[0].column, $0) } : nil
      let column = gathered ?? slices[0].column
      var writer = ByteWriter()
      guard isOne, case .string(let text) = column else {
        header = Page.encode(gathered.map { [ColumnSlice($0)] } ?? slices, codec: codec, into: &writer)
        bytes = writer.bytes
        codes = isOne && bytes.count >= worthwhileBytes ? ColumnCodes(column, codec) : nil
        (self.text, dictionary) = (nil, nil)
        return
      }
      let (plainHeader, plain, dictionary) = StringPage.encode([text], codec)
      self.dictionary = dictionary
      header = Page.write(plain, plainHeader, codec, into: &writer)
      bytes = writer.bytes
      codes = bytes.count >= worthwhileBytes ? dictionary.map { ColumnCodes(text, $0) } : nil
      self.text = text
    }
  }

  /// Makes column `index` a dictionary, if those that it determines then save more than that costs.
  private static func offerDictionary(_ index: Int, _ pages: inout [Candidate], _ codec: PageCodec) {
    guard [.number, .text].contains(pages[index].header.encoding), pages[index].codes != nil,
      let text = pages[index].text, let dictionary = pages[index].dictionary
    else { return }
    var offered = pages
    let (header, plain) = StringPage.encode(text, as: dictionary, pages[index].header, codec)
    var writer = ByteWriter()
    offered[index].header = Page.write(plain, header, codec, into: &writer)
    offered[index].bytes = writer.bytes
    for other in order(offered) where offered[other].header.determinant == nil {
      guard let found = determined(other, by: [index], offered, codec) else { continue }
      (offered[other].header, offered[other].bytes) = found
    }
    if byteCount(offered) < byteCount(pages) { pages = offered }
  }

  private static func byteCount(_ pages: [Candidate]) -> Int { pages.reduce(0) { $0 + $1.bytes.count } }

  /// The columns of text, the largest page first.
  private static func texts(_ pages: [Candidate]) -> [Int] {
    pages.indices.filter { pages[$0].isText }.sorted { left, right in
      (pages[right].bytes.count, left) < (pages[left].bytes.count, right)
    }
  }

  /// The columns that may be determined: text before numbers, the largest page first.
  private static func order(_ pages: [Candidate]) -> [Int] {
    pages.indices.filter { pages[$0].codes != nil }.sorted { left, right in
      (pages[left].isText ? 0 : 1, pages[right].bytes.count, left)
        < (pages[right].isText ? 0 : 1, pages[left].bytes.count, right)
    }
  }

  /// The smallest page of column `index` that one of `others` determines, if it pays.
  private static func determined(
    _ index: Int, by others: [Int], _ pages: [Candidate], _ codec: PageCodec
  ) -> (PageHeader, [UInt8])? {
    guard let column = pages[index].codes else { return nil }
    let limit = Int(Double(pages[index].bytes.count) * worthwhileShare)
    let findings = others.filter { mayDetermine($0, index, pages) }.compactMap { other in
      pages[other].codes.flatMap { DeterminedPage.analyze(column, by: $0) }.map { (other: other, finding: $0) }
    }
    var best: (header: PageHeader, bytes: [UInt8])?
    for (other, finding) in findings.sorted(by: { $0.finding.byteEstimate < $1.finding.byteEstimate }).prefix(
      triedCount)
    where finding.byteEstimate <= pages[index].bytes.count {
      guard let codes = pages[other].codes else { continue }
      let plain = DeterminedPage.encode(finding, column, by: codes, codec)
      var header = pages[index].header
      (header.encoding, header.determinant) = (.determined, other)
      var writer = ByteWriter()
      header = Page.write(plain, header, codec, into: &writer)
      guard writer.count <= limit, writer.count < best?.bytes.count ?? .max else { continue }
      best = (header, writer.bytes)
    }
    return best
  }

  /// The page of column `index` as what stands behind words of another one, if it pays.
  private static func composed(_ index: Int, _ pages: [Candidate], _ codec: PageCodec) -> (PageHeader, [UInt8])? {
    guard let text = pages[index].text, pages[index].bytes.count >= worthwhileBytes else { return nil }
    var best: (header: PageHeader, bytes: [UInt8])?
    for other in pages.indices where mayPrecede(other, index, pages) {
      guard let words = pages[other].text, let pieces = ComposedPage.pieces(text, by: words) else { continue }
      var header = pages[index].header
      (header.encoding, header.determinant) = (.composed, other)
      var writer = ByteWriter()
      header = Page.write(ComposedPage.encode(text, pieces, by: words, codec), header, codec, into: &writer)
      guard Double(writer.count) <= worthwhileShare * Double(pages[index].bytes.count),
        writer.count < best?.bytes.count ?? .max
      else { continue }
      best = (header, writer.bytes)
    }
    return best
  }

  /// Whether column `index` may be made to depend on column `other`.
  private static func mayDetermine(_ other: Int, _ index: Int, _ pages: [Candidate]) -> Bool {
    guard pages[other].codes != nil else { return false }
    guard pages[other].header.encoding == .dictionary || pages[other].header.encoding == .determined else {
      return false
    }
    return mayPrecede(other, index, pages)
  }

  /// Whether column `other`, of text, may be read for the sake of column `index`.
  private static func mayPrecede(_ other: Int, _ index: Int, _ pages: [Candidate]) -> Bool {
    guard other != index, pages[other].isText, pages[other].header.encoding != .constant else { return false }
    guard readBytes(other, pages) <= worthwhileReading * pages[index].bytes.count else { return false }
    // Those that `index` determines already make it no longer than the longest of them.
    return PageDependence.depth(of: other, pages.map(\.header), avoiding: index).map { depth in
      depth + dependents(of: index, pages) < maximumDepth
    } ?? false
  }

  /// The bytes of the pages that are read to read that of column `index`.
  private static func readBytes(_ index: Int, _ pages: [Candidate]) -> Int {
    pages[index].bytes.count + (pages[index].header.determinant.map { readBytes($0, pages) } ?? 0)
  }

  /// How many columns stand on each other above column `index` at most.
  private static func dependents(of index: Int, _ pages: [Candidate]) -> Int {
    let above = pages.indices.filter { pages[$0].header.determinant == index }
    return above.map { 1 + dependents(of: $0, pages) }.max() ?? 0
  }
}

/// What columns of a row group depend on each other.
public enum PageDependence {
  /// How many pages are read to read that of column `index`: 1 where it stands alone. Nil where this never ends or
  /// passes what is allowed, names no column, or comes upon column `avoiding`.
  public static func depth(of index: Int, _ headers: [PageHeader], avoiding: Int? = nil) -> Int? {
    var (depth, next) = (0, Optional(index))
    while let column = next {
      guard headers.indices.contains(column), column != avoiding, depth < PageGroup.maximumDepth else { return nil }
      depth += 1
      next = headers[column].determinant
    }
    return depth
  }
}
