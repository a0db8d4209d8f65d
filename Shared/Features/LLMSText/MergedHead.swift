/// The title of a merged file, and the lines above its sections.
struct MergedHead {
  private(set) var title: String
  private(set) var lines: [String] = []
  /// The sentences of the base that the new file does not have and that the owner has removed.
  private var removed: [ComposedSentence] = []

  /// - Parameter sections: the merged sections, which the sentences of this program name.
  init(_ merge: LLMSTextMerge, _ sections: MergedSections) {
    let (base, theirs, new) = (merge.base?.file, merge.theirs.file, merge.new.file)
    title = theirs.title.isEmpty || theirs.title == base?.title ? new.title : theirs.title
    let composed = Self.adapted(ComposedSentence.sentences(of: new), merge, sections)
    if theirs.title.isEmpty {
      lines = new.head.filter(LLMSTextFile.isQuote) + ["", Self.joined(composed), ""] + theirs.head
      return
    }
    let oldSummary = base?.head.filter(LLMSTextFile.isQuote) ?? []
    var text = ComposedText(in: merge, replacement: composed)
    for line in theirs.head {
      let merged: [String]
      if oldSummary.contains(line) {
        merged = new.head.filter(LLMSTextFile.isQuote)
      } else {
        merged = [text.merged(line)]
      }
      lines += merged
    }
    lines = text.insertingMissing(in: lines)
    let kinds = ComposedSentence.sentences(of: new).map(\.kind)
    removed = text.removed.filter { !kinds.contains($0.kind) && $0.kind != .placeholder }
  }

  /// Adds the sentences that the owner has removed to the next base, so that they stay removed.
  func carryRemovals(into base: inout LLMSTextFile) {
    if !removed.isEmpty { base.details += " " + Self.joined(removed) }
  }

  private static func joined(_ sentences: [ComposedSentence]) -> String {
    sentences.isEmpty ? LLMSTextFile.defaultDetails : sentences.map(\.text).joined(separator: " ")
  }

  /// The sentences of the new file with the names of the merged file, without those about links that are not in it.
  private static func adapted(
    _ sentences: [ComposedSentence], _ merge: LLMSTextMerge, _ sections: MergedSections
  ) -> [ComposedSentence] {
    let names = Set(sections.sections.map(\.section.name))
    return sentences.compactMap { sentence in
      var sentence = sentence
      switch sentence.kind {
      case .start:
        guard
          let place = merge.new.places.first(where: { sentence.text == "\(ComposedSentence.start)\($0.link.title)." })
        else { return sentence }
        guard let title = sections.title(at: place.position) else { return nil }
        sentence.text = "\(ComposedSentence.start)\(title)."
      case .optional where !names.contains(LLMSTextFile.optional): return nil
      case .notListed:
        for (from, to) in sections.renamed {
          sentence.text = sentence.text.replacing(" in \(from),", with: " in \(to),")
          if sentence.text.hasSuffix(" in \(from).") {
            sentence.text = sentence.text.dropLast(from.count + 1) + "\(to)."
          }
        }
      default: break
      }
      return sentence
    }
  }
}

extension MergedSections {
  /// The title of a link in the merged file.
  func title(at position: Int) -> String? {
    for merged in sections {
      if let line = merged.positions.firstIndex(of: position), case .link(let link) = merged.section.lines[line] {
        return link.title
      }
    }
    return nil
  }
}
