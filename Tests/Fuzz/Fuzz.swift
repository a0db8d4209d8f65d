import ArgumentParser
import FoundationEssentials
import Support

/// The program `fuzz`: tests the parsers with mutated inputs, or `analyze` with hostile servers.
@main
struct Fuzz: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz", abstract: "Tests the parsers with malformed input.",
    discussion:
      """
      The same seed generates the same inputs. If the program crashes, the input is in the file that it prints at the
      start.
      """
  )

  @Option(help: "The parser to test: \(subjects.map(\.name).joined(separator: ", ")). All parsers if not given.")
  var parser: [String] = []
  @Option(help: "The number of inputs for each parser.")
  var inputs = 200_000
  @Option(help: "The index of the first input or site.")
  var first = 0
  @Option(help: "The seed of the random inputs.")
  var seed: UInt64 = 1
  @Option(help: "The maximum time for one input, in seconds.")
  var seconds = 5
  @Option(help: "The maximum memory, in MB.")
  var megabytes = 512
  @Option(help: "A factor for the time limits of an analysis, for slow builds.")
  var patience = 1
  @Option(help: "A folder with sample robots.txt files and pages. Without it, all inputs are generated.")
  var data = "../shared/data"
  @Option(
    help:
      """
      Analyse this many hostile sites with the program `analyze` in the same folder, instead of testing parsers.
      DATABASE_URL must name a migrated database.
      """
  )
  var servers: Int?
  @Option(help: "A file with an input to test again; use it with --parser.")
  var replay: String?

  static let subjects: [any Subject] = [RobotsSubject(), SitemapSubject(), PageSubject(), URLSubject(), LLMSSubject()]

  func validate() throws {
    for name in parser where !Self.subjects.contains(where: { $0.name == name }) {
      throw ValidationError("unknown parser \(name); use one of \(Self.subjects.map(\.name).joined(separator: ", "))")
    }
    guard inputs >= 0, first >= 0, seconds > 0, megabytes > 0, patience > 0 else {
      throw ValidationError(
        "--seconds, --megabytes and --patience must be positive; --inputs and --first must not be negative")
    }
  }

  func run() async throws {
    if let servers {
      return try await Crawls(
        seed: seed, program: Products.path(of: "analyze"), megabytes: megabytes, patience: patience
      ).run(first..<(first + servers))
    }
    for subject in Self.subjects where parser.isEmpty || parser.contains(subject.name) {
      let session = Session(subject: subject, seed: seed, limits: .init(seconds: seconds, megabytes: megabytes))
      if let replay {
        try session.replay(Array(Data(contentsOf: URL(filePath: replay))))
      } else {
        try session.run(first..<(first + inputs), data: data)
      }
    }
  }
}
