extension String {
  /// The number of columns in which the text is displayed.
  ///
  /// Chinese, Japanese and Korean characters count as two (Unicode Standard Annex 11). They also say at least as much
  /// as two letters, so length limits in columns suit all languages.
  var displayWidth: Int {
    unicodeScalars.reduce(0) { sum, scalar in
      switch scalar.value {
      case 0x1100...0x11ff, 0x2e80...0xd7ff, 0xf900...0xfaff, 0xff00...0xff60, 0x20000...0x3ffff: sum + 2
      default: sum + 1
      }
    }
  }
}
