import SiteAnalysis
import Web

/// The sections that a caller asks for by name, filled with what the analysis knows of their pages.
struct ChosenSections {
  private(set) var groups: [LLMSTextComposer.Group] = []

  /// A page that the analysis did not read is listed where the caller gives it a title: nothing else is known of it.
  init(_ sections: [GenerateRequest.Section], _ report: SiteReport) {
    for section in sections {
      let pages = section.pages.compactMap { wanted -> SiteReport.Entry? in
        let known = report.pages.first {
          $0.url.pageIdentity == wanted.url.pageIdentity || $0.markdownURL?.pageIdentity == wanted.url.pageIdentity
        }
        guard let title = wanted.title ?? known?.title else { return nil }
        var page =
          known ?? .init(unread: wanted.url, title: title, description: nil, category: section.name, source: "caller")
        page.title = title
        page.description = wanted.description ?? page.description
        return page
      }
      if !pages.isEmpty { groups.append(.init(name: section.name, pages: pages)) }
    }
  }
}
