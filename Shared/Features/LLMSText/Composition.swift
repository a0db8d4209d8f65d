import SiteAnalysis

/// The llms.txt for a request: composed from the report, and merged with the site's existing file.
///
/// The texts, pages and sections of a request replace both.
struct Composition {
  private(set) var file: LLMSTextFile
  /// The file as it is composed from the report alone, for the next merge.
  private(set) var base: LLMSTextFile

  init(_ report: SiteReport, _ request: LLMSTextRequest? = nil) {
    let isChanged = request.map { $0.changesTexts || $0.choosesPages } ?? false
    base = LLMSTextComposer(report).compose()
    let requested = isChanged ? LLMSTextComposer(report, request).compose() : base
    guard let existing = report.existing, !existing.text.isEmpty else {
      file = requested
      return
    }
    let merge = LLMSTextMerge(existing, new: base)
    (file, base) = merge.merged()
    guard let request, isChanged else { return }
    if request.choosesPages {
      file.sections = request.sections == nil ? merge.ownerTexts(in: requested.sections) : requested.sections
    }
    if let title = request.title { file.title = title }
    if let summary = request.summary {
      file.head =
        ["> \(LLMSTextFile.line(summary))", ""]
        + file.details.split(
          separator: "\n", omittingEmptySubsequences: false
        ).map(String.init)
    }
    if let details = request.details { file.details = LLMSTextFile.paragraph(details) }
  }
}

extension LLMSTextRequest {
  var choosesPages: Bool { pages != nil || sections != nil }
  var changesTexts: Bool { title != nil || summary != nil || details != nil }
}
