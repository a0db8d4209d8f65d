import SiteAnalysis
import Web

/// The sections that a request names, filled with the report's titles and descriptions of their pages.
struct ChosenSections {
  private(set) var groups: [LLMSTextComposer.Group] = []

  /// A page that is not in the report is listed only if the request gives it a title.
  /// Sections without pages are omitted.
  init(_ sections: [LLMSTextRequest.Section], _ report: SiteReport) {
    for section in sections {
      let pages = section.pages.compactMap { requested -> SiteReport.Entry? in
        let reported = report.pages.first {
          $0.url.pageIdentity == requested.url.pageIdentity
            || $0.markdownURL?.pageIdentity == requested.url.pageIdentity
        }
        guard let title = requested.title ?? reported?.title else { return nil }
        var page =
          reported
          ?? .init(unread: requested.url, title: title, description: nil, category: section.name, source: .caller)
        page.title = title
        page.description = requested.description ?? page.description
        return page
      }
      if !pages.isEmpty { groups.append(.init(name: section.name, pages: pages)) }
    }
  }
}
