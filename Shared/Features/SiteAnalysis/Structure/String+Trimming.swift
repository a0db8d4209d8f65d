extension StringProtocol where SubSequence == Substring {
  /// The text without the characters at its end that match.
  func trimmingSuffix(while matches: (Character) -> Bool) -> Substring {
    var text = self[...]
    while let last = text.last, matches(last) { text.removeLast() }
    return text
  }
}
