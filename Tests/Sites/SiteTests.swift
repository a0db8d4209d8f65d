import SampleSite
import Testing

/// General properties of the llms.txt of shops, blogs, services and small sites: what their owners would expect.
struct SiteTests {
  private static let shops = TestSite.all.filter { !$0.pages("category").isEmpty }
  private static let onePageSites = TestSite.all.filter(\.isOnePage)
  private static let largerSites = TestSite.all.filter { !$0.isOnePage }

  @Test func thereAreSitesOfEachKind() {
    #expect(Self.shops.count >= 4)
    #expect(Self.onePageSites.count >= 3)
    #expect(TestSite.all.count { !$0.pages("story").isEmpty } >= 4)
    #expect(TestSite.all.contains { $0.name == "blog" })
  }

  private static func paths(_ pages: [TextSite.Page]) -> String { pages.map(\.path).joined(separator: " ") }

  // MARK: Which pages are listed

  @Test(arguments: largerSites)
  func nearlyAllGoodPagesAreListed(site: TestSite) async throws {
    let file = try await site.file()
    let missing = site.goodPages.filter { !file.lists($0) }
    // A bare list of pages that are listed is not necessary.
    #expect(missing.count <= max(1, site.goodPages.count / 10), "not listed: \(Self.paths(missing))")
  }

  @Test(arguments: largerSites)
  func pagesWithoutContentAreNotListed(site: TestSite) async throws {
    let file = try await site.file()
    #expect(Self.paths(site.pages("unlisted").filter(file.lists)) == "")
  }

  /// Sort orders, filters and other addresses with queries are not pages.
  @Test(arguments: largerSites)
  func everyLinkIsAPageOfTheSite(site: TestSite) async throws {
    let paths = Set(site.pages.map(\.path))
    #expect(try await site.file().links.map(\.path).filter { !paths.contains($0) } == [])
  }

  @Test(arguments: shops)
  func allCategoriesAreInOneSection(site: TestSite) async throws {
    let file = try await site.file()
    let categories = site.pages("category")
    #expect(Self.paths(categories.filter { !file.recommends($0) }) == "")
    let sections = Set(file.mainLinks.filter { link in categories.contains { $0.path == link.path } }.map(\.section))
    // A shop may have a section for each category, which contains its products.
    #expect(sections.count == 1 || sections.count == categories.count, "\(sections.sorted())")
  }

  @Test(arguments: TestSite.all.filter { !$0.pages("advice").isEmpty })
  func adviceIsListed(site: TestSite) async throws {
    let file = try await site.file()
    #expect(Self.paths(site.pages("advice").filter { !file.recommends($0) }) == "")
  }

  @Test(arguments: TestSite.all.filter { !$0.pages("contact").isEmpty })
  func contactIsListed(site: TestSite) async throws {
    let file = try await site.file()
    #expect(site.pages("contact").contains(where: file.lists))
  }

  @Test(arguments: TestSite.all.filter { !$0.pages("legal").isEmpty })
  func legalPagesAreOptional(site: TestSite) async throws {
    let file = try await site.file()
    #expect(Self.paths(site.pages("legal").filter(file.recommends)) == "")
  }

  @Test(arguments: TestSite.all.filter { !$0.pages("story").isEmpty })
  func customersAndProjectsAreListed(site: TestSite) async throws {
    let file = try await site.file()
    #expect(Self.paths(site.pages("story").filter { !file.recommends($0) }) == "")
  }

  @Test(arguments: TestSite.all.filter { !$0.pages("post").isEmpty })
  func postsAreTreatedAlike(site: TestSite) async throws {
    let file = try await site.file()
    let posts = site.pages("post")
    let missing = posts.filter { !file.lists($0) }
    #expect(missing.isEmpty || missing.count == posts.count, "not listed: \(Self.paths(missing))")
  }

  // MARK: Order and names

  @Test(arguments: shops)
  func categoriesComeBeforeProducts(site: TestSite) async throws {
    let file = try await site.file()
    let late = site.pages("product").filter { product in
      guard let position = file.position(of: product),
        let category = site.pages.first(where: { product.places.contains(Substring($0.path)) })
      else { return false }
      return file.position(of: category).map { $0 > position } ?? true
    }
    #expect(Self.paths(late) == "")
  }

  @Test(arguments: largerSites)
  func companyIsNotFirst(site: TestSite) async throws {
    let file = try await site.file()
    let first = try #require(file.links.first)
    #expect(!(site.pages("company") + site.pages("legal")).contains { $0.path == first.path }, "\(first.title)")
    let start = file.text.split(separator: "\n").compactMap { $0.firstMatch(of: /Start with ([^.]+)\./)?.1 }.first
    guard let start else { return }
    for page in site.pages("company") + site.pages("legal") where file.lists(page) {
      #expect(start != page.fields["h1"].map { Substring($0) } && start != page.fields["label"].map { Substring($0) })
    }
  }

  /// A reader of a German or French site does not expect sections with names of URL folders or of this program.
  @Test(arguments: largerSites.filter { !$0.isEnglish })
  func sectionNamesAreOnTheSite(site: TestSite) async throws {
    let file = try await site.file()
    let text = site.text
    // Pages outside of all sections are called pages in the language of the site.
    #expect(file.sections.filter { !["Optional", "Seiten", "Pages"].contains($0) && !text.contains($0) } == [])
  }

  @Test(arguments: TestSite.all)
  func titlesAreUnique(site: TestSite) async throws {
    let links = try await site.file().links
    let repeated = Dictionary(grouping: links, by: \.title).filter { $0.value.count > 1 }.keys
    #expect(repeated.isEmpty, "\(repeated)")
  }

  /// The paragraphs of a layout table are not found, so that site is omitted.
  @Test(arguments: TestSite.all.filter { $0.name != "cheese-shop" })
  func everyLinkIsDescribed(site: TestSite) async throws {
    let links = try await site.file().links
    let undescribed = links.filter { $0.description.isEmpty && $0.section != "Optional" }.map(\.path)
    #expect(undescribed.count <= 1, "\(undescribed)")
    let repeated = Dictionary(grouping: links, by: \.description).filter { $0.value.count > 1 && !$0.key.isEmpty }.keys
    #expect(repeated.isEmpty, "\(repeated)")
  }

  /// A list of products or articles says less of a category than its first paragraph.
  @Test(arguments: largerSites)
  func descriptionsAreNotListsOfTitles(site: TestSite) async throws {
    let file = try await site.file()
    let titles = Set(site.pages.compactMap { $0.fields["h1"] })
    let lists = file.links.filter { link in
      let parts = link.description.split(separator: ", ").map(String.init)
      return parts.count >= 2 && parts.allSatisfy(titles.contains)
    }
    #expect(lists.map(\.path) == [])
  }

  @Test(arguments: TestSite.all.filter { !$0.sitemaps.isEmpty })
  func sitemapIsTheOneOfRobotsTxt(site: TestSite) async throws {
    let text = try await site.file().text
    guard let named = text.firstMatch(of: /sitemap is (\S+?)\.?(?:\s|$)/)?.1 else { return }
    #expect(site.sitemaps.contains(String(named)))
  }

  // MARK: Sites with one page

  @Test(arguments: onePageSites)
  func siteWithOnePageDescribesItself(site: TestSite) async throws {
    let file = try await site.file()
    #expect(file.links.count == 1)
    #expect(file.links.allSatisfy { !$0.description.isEmpty })
    #expect(!file.text.contains("The pages are listed below"))
    #expect(!file.text.contains("Start with"))
    #expect(!file.sections.contains("Documentation"))
  }
}
