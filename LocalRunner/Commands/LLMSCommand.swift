import ArgumentParser
import Contract
import Crawling
import FoundationEssentials
import Invoking
import SampleSite
import SiteAnalysis
import Web

struct LLMSCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "llms",
    abstract: "Analyze a website and print its llms.txt.",
    discussion: """
      Fetches up to 200 pages, at most eight at a time, as robots.txt allows. The
      file goes to stdout; progress goes to stderr if that is a terminal.

        local-runner llms https://example.com
        local-runner llms https://example.com/docs/ --exclude '/docs/v1/' -o llms.txt
        local-runner llms https://example.com --full -o llms-full.txt
        local-runner llms https://example.com --model     # needs a key, such as OPENAI_API_KEY

      A site that is not published yet, with links to its public address:

        local-runner llms ./public --base-url https://example.com/
        local-runner llms http://localhost:8000/ --base-url https://example.com/
        local-runner llms https://staging.example.com --user ada:secret

      A folder must contain the built site, with index.html. Without --base-url, the
      links of a folder start with the address in the canonical links of its pages.
      Credentials are sent to the origin of the URL only.

      A pattern names pages or folders: '/blog', '/blog/' and '/blog/**' are the blog
      and all of its pages, 'blog' is such a folder at any depth, '*.html' are files.

      Without a URL it analyzes the small sample site that is part of the program.

      \(ExitStatus.list)
      """)

  @Argument(help: ArgumentHelp("The site, a part of it, or a folder with a built site.", valueName: "url-or-folder"))
  var source: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write to this file instead of stdout; - is stdout.", valueName: "file"))
  var output: String?

  @Flag(help: "Replace the file of -o if it exists. Your edits in an llms.txt are kept.")
  var overwrite = false

  @Flag(help: "Write llms-full.txt instead, which contains the text of the pages.")
  var full = false

  @Option(
    help: ArgumentHelp("The public address of the site, if it is read from another one.", valueName: "url"))
  var baseUrl: String?

  @Option(help: ArgumentHelp("The largest number of pages to fetch, 1 to 200.", valueName: "number"))
  var maxPages = AnalyzeRequest.maximumPages

  @Option(help: ArgumentHelp("Fetch only pages that match, such as '/docs/'; may be repeated.", valueName: "pattern"))
  var include: [String] = []

  @Option(help: ArgumentHelp("Skip pages that match; may be repeated.", valueName: "pattern"))
  var exclude: [String] = []

  @Option(help: "Use only pages in this language, such as en; by default the language of the home page.")
  var language: String?

  @OptionGroup var access: SiteAccessOptions

  @Flag(help: "Let a language model score and arrange the pages. This costs money: at most two dollars a day.")
  var model = false

  @Flag(help: "Print one line of JSON: the document, the numbers of pages, the warnings.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print only errors to stderr.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Print each stage, request and skipped page to stderr.")
  var verbose = false

  func validate() throws {
    guard (1...AnalyzeRequest.maximumPages).contains(maxPages) else {
      throw ValidationError("--max-pages takes 1 to \(AnalyzeRequest.maximumPages)")
    }
    for (option, patterns) in [("--include", include), ("--exclude", exclude)] {
      let isValid = patterns.allSatisfy { text in
        (1...200).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f }
      }
      guard isValid, patterns.count <= 50 else {
        throw ValidationError("\(option) takes patterns of 1 to 200 characters without spaces, such as '/docs/'")
      }
    }
    if let language, !(2...3).contains(language.utf8.count) || !language.allSatisfy({ $0.isASCII && $0.isLetter }) {
      throw ValidationError("--language takes a language of two or three letters, such as en")
    }
    if quiet, verbose { throw ValidationError("give either --quiet or --verbose, not both") }
    if source == nil, baseUrl != nil || access.isUsed { throw ValidationError("give the URL of the site") }
    _ = try base
  }

  /// The public address that the user gave.
  private var base: NormalizedURL? {
    get throws {
      guard let baseUrl else { return nil }
      do throws(NormalizedURL.Rejection) {
        let url = try NormalizedURL(typed: baseUrl)
        return url.at(path: url.path.hasSuffix("/") ? url.path : url.path + "/")
      } catch {
        throw ValidationError("--base-url takes a URL such as https://example.com/docs/: \(error.rawValue)")
      }
    }
  }

  /// The file to write; nil for stdout.
  private var file: OutputFile? { output.flatMap { $0 == "-" ? nil : OutputFile(path: $0) } }

  func run() async throws {
    TerminationSignals.endProcess { ProgressLine.clear() }
    try file?.check(overwrite: overwrite)
    if file == nil || json { try StandardOutput.requireOpen() }
    guard let source else {
      try await SampleSite.serving { address in
        if !quiet { printError("No URL given; analyzing the sample site at \(address)") }
        try await write(SiteRun.Input(site: TypedSite(url: try NormalizedURL(address), headers: nil), base: nil))
      }
      return
    }
    if let folder = try SiteFolder(source) {
      if access.isUsed { throw ValidationError("--header and --user are for sites; \(source) is a folder") }
      let base = try base ?? folder.claimedBase()
      try await folder.site.serving { address in
        let site = TypedSite(url: try NormalizedURL(address), headers: nil)
        try await write(SiteRun.Input(site: site, base: base, isBaseGiven: baseUrl != nil))
      }
      return
    }
    let input = SiteRun.Input(site: try access.site(source), base: try base, isBaseGiven: baseUrl != nil)
    if !quiet, SiteFolder.isFolder(source) {
      printWarning("\(source) is also a folder here; write ./\(source) to read it instead of the site")
    }
    try await write(input)
  }

  /// The text of the file that is replaced, which may have the user's edits.
  var existingFile: String? {
    guard !full, overwrite, let output, let bytes = FileManager.default.contents(atPath: output) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func write(_ input: SiteRun.Input) async throws {
    let mode: ProgressLine.Mode = quiet ? .none : verbose ? .verbose : ProgressLine.usualMode
    try await ProgressLine.run(mode) { progress in
      let run = SiteRun(input: input, options: self, progress: progress)
      let result = try await run.perform()
      progress.show("writing \(file?.path ?? "the file")")
      progress.clear()
      if let file { try file.write(Array(result.document.utf8)) }
      if json {
        try StandardOutput.write(JSON.encode(result.summary(file: file?.path)) + [0x0a])
      } else if file == nil {
        try StandardOutput.write(Array(result.document.utf8))
      }
      if quiet { return }
      progress.finish(result.line(seconds: progress.seconds))
      for warning in result.warnings { printWarning(warning) }
      for note in result.notes { printError(note) }
      if let file { printError("wrote \(file.path)") }
    }
  }
}
