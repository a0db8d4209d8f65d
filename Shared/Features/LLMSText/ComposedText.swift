/// The sentences of this program in the owner's text above the sections.
///
/// They are replaced by the sentences of the new file. Everything else in the text stays as it is.
struct ComposedText {
  /// The sentences of the new file.
  private let replacement: [ComposedSentence]
  /// The sentences of the base, with the names that they have in the base and in the owner's file.
  private let old: [ComposedSentence]
  private let isBaseKnown: Bool
  /// Whether the owner's file was certainly generated, though its base is not known.
  private let isGenerated: Bool
  private let names: [String]
  private var found: Set<ComposedSentence.Kind> = []

  init(in merge: LLMSTextMerge, replacement: [ComposedSentence]) {
    self.replacement = replacement
    isBaseKnown = merge.base != nil
    let theirs = merge.theirs.file
    names = ComposedSentence.names(in: theirs) + (merge.base.map { ComposedSentence.names(in: $0.file) } ?? [])
    old =
      merge.base.map { base in
        ComposedSentence.sentences(of: base.file).flatMap { sentence in
          let link = base.places.first { sentence.text == "\(ComposedSentence.start)\($0.link.title)." }?.link
          let renamed = link.flatMap { merge.theirs[$0]?.link.title }.map {
            ComposedSentence(kind: .start, text: "\(ComposedSentence.start)\($0).")
          }
          return [sentence] + (renamed.map { [$0] } ?? [])
        }
      } ?? []
    // The owner, too, can begin a sentence with "Start with".
    isGenerated = ComposedSentence.sentences(of: theirs).contains { ![.start, .language].contains($0.kind) }
  }

  /// The sentences of the base that the owner has removed.
  var removed: [ComposedSentence] { old.filter { !found.contains($0.kind) } }

  // MARK: Replacing

  /// A mark for the place of a sentence that was removed, so that another one can take its place. It is not in any
  /// cleaned text.
  private static let mark: Character = "\u{0}"

  /// The line with the sentences of the new file.
  mutating func merged(_ line: String) -> String {
    var merged = ""
    var rest = line[...]
    while let (range, kind) = first(in: rest) {
      merged += rest[..<range.lowerBound]
      rest = rest[range.upperBound...]
      if found.insert(kind).inserted, let sentence = replacement.first(where: { $0.kind == kind }) {
        merged += sentence.text
      } else {
        merged.append(Self.mark)
      }
    }
    return merged + rest
  }

  /// The first sentence of this program in a text.
  private func first(in text: Substring) -> (Range<Substring.Index>, ComposedSentence.Kind)? {
    var ranges = old.compactMap { sentence in text.firstRange(of: sentence.text).map { ($0, sentence.kind) } }
    if isBaseKnown {
      // The numbers of pages in the base are not those of the published file if the owner's edits were merged.
      if let start = text.firstRange(of: ComposedSentence.notListed) {
        let tail = text[start.lowerBound...]
        if let sentence = ComposedSentence.split(String(tail), names: names).first,
          ComposedSentence.kind(of: sentence) == .notListed, let range = tail.firstRange(of: sentence)
        {
          ranges.append((range, .notListed))
        }
      }
    } else if isGenerated {
      for sentence in ComposedSentence.split(String(text), names: names) {
        guard let kind = ComposedSentence.kind(of: sentence), let range = text.firstRange(of: sentence) else {
          continue
        }
        ranges.append((range, kind))
      }
    }
    // Of two sentences that begin at the same place, the longer one is meant.
    return ranges.max { ($1.0.lowerBound, $0.0.upperBound) < ($0.0.lowerBound, $1.0.upperBound) }
  }

  // MARK: Inserting

  /// The lines with the sentences that are missing in both the base and the owner's file, next to the other sentences.
  func insertingMissing(in lines: [String]) -> [String] {
    var lines = lines
    let hasOwnText = lines.contains { line in
      !LLMSTextFile.isQuote(line) && line.contains { $0.isLetter }
    }
    for (index, sentence) in replacement.enumerated()
    where !found.contains(sentence.kind) && !old.contains(where: { $0.kind == sentence.kind }) {
      if sentence.kind == .placeholder, hasOwnText { continue }
      insert(sentence, after: replacement[..<index].map(\.text), into: &lines)
    }
    var result: [String] = []
    var wasDropped = false
    for line in lines {
      let text = line.contains(Self.mark) ? Self.withoutMarks(line) : line
      if text.isEmpty, !line.isEmpty {
        wasDropped = true
      } else if !text.isEmpty || !wasDropped || !(result.last?.isEmpty ?? true) {
        result.append(text)
        wasDropped = false
      }
    }
    return result
  }

  /// The line without marks, and without the spaces beside them.
  private static func withoutMarks(_ line: String) -> String {
    var text = ""
    for part in line.split(separator: mark, omittingEmptySubsequences: false) {
      text += (text.isEmpty || text.hasSuffix(" ")) && part.first == " " ? part.dropFirst() : part
    }
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }

  private func insert(_ sentence: ComposedSentence, after previous: [String], into lines: inout [String]) {
    for text in previous.reversed() {
      for index in lines.indices {
        guard let range = lines[index].firstRange(of: text) else { continue }
        lines[index].insert(contentsOf: " " + sentence.text, at: range.upperBound)
        return
      }
    }
    // No sentence precedes it: insert it before the first one that remains, or in the place of a removed one.
    if let index = lines.firstIndex(where: { $0.contains(Self.mark) }),
      let place = lines[index].firstIndex(of: Self.mark)
    {
      lines[index].replaceSubrange(place...place, with: sentence.text)
      return
    }
    for next in replacement where next.kind != sentence.kind {
      for index in lines.indices {
        guard let range = lines[index].firstRange(of: next.text) else { continue }
        lines[index].insert(contentsOf: sentence.text + " ", at: range.lowerBound)
        return
      }
    }
  }
}
