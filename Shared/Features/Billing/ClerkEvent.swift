import Accounts
import Contract
import FoundationEssentials

/// What Clerk tells of a user or an organisation (clerk.com/docs/guides/development/webhooks/overview, "Payload
/// structure").
struct ClerkEvent: Sendable {
  enum Change: Sendable, Equatable {
    /// How it is since a moment of Clerk's clock, in milliseconds since 1970.
    case present(email: Email?, asOf: Int)
    case deleted
  }

  let type: String
  /// Nil for a type that changes nothing here: sessions, memberships, for there are no roles, and whatever comes to be.
  let subject: (kind: TokenSubject.Kind, name: String, change: Change)?

  /// - Throws: `invalid_request` for what is no event, or lacks what its type must have.
  init(body: [UInt8]) throws(Failure) {
    let type = try JSON.decodeInput(Envelope.self, from: body, what: "the event").type
    guard 1...100 ~= type.utf8.count else { throw .invalidField("type", "the event's type is empty or over 100 bytes") }
    self.type = type
    let kind: TokenSubject.Kind
    switch type {
    case "user.created", "user.updated", "user.deleted": kind = .user
    case "organization.created", "organization.updated", "organization.deleted": kind = .organization
    default:
      subject = nil
      return
    }
    let object = try JSON.decodeInput(Contents.self, from: body, what: "the event").data
    if type.hasSuffix(".deleted") {
      // Nothing is erased by an event that contradicts itself.
      guard object.deleted ?? true else {
        throw .invalidField("data.deleted", "what was deleted is not: deleted is false")
      }
      subject = (kind, object.id, .deleted)
    } else {
      subject = (
        kind, object.id, .present(email: object.email, asOf: max(0, object.updated_at ?? object.created_at ?? 0))
      )
    }
  }

  private struct Envelope: Decodable { let type: String }
  private struct Contents: Decodable { let data: Object }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Object: Decodable {
    struct Address: Decodable {
      let id: String?
      let email_address: String
    }
    let id: String
    let deleted: Bool?
    let created_at: Int?
    let updated_at: Int?
    let primary_email_address_id: String?
    let email_addresses: [Address]?

    /// The primary address, else the only one.
    var email: Email? {
      let addresses = email_addresses ?? []
      let primary =
        addresses.first { $0.id != nil && $0.id == primary_email_address_id }
        ?? (addresses.count == 1 ? addresses[0] : nil)
      return primary.flatMap { Email($0.email_address) }
    }
  }
}
