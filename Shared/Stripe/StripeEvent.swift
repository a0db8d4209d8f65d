/// What Stripe tells a webhook endpoint (docs.stripe.com/api/events/object).
///
/// Events come in any order, several times, and up to days late (docs.stripe.com/webhooks, "Best practices"): what
/// counts is the state
/// that is fetched afresh.
package struct StripeEvent: Sendable {
  /// The same on every retry of a delivery, though one change may be told in events of several ids.
  package let id: String
  /// As Stripe names it, such as `invoice.paid`.
  package let type: String
  /// Seconds since 1970, whole ones: two events of one second have no order by it.
  package let created: Int
  package let isLive: Bool
  /// The version of the API that the payload is written in: the endpoint's own. Nil for a thin event, which has no
  /// payload.
  package let apiVersion: String?
  package let payload: Payload

  package init(id: String, type: String, created: Int, isLive: Bool, apiVersion: String? = nil, payload: Payload) {
    self.id = id
    self.type = type
    self.created = created
    self.isLive = isLive
    self.apiVersion = apiVersion
    self.payload = payload
  }

  /// The object that the event is about, as it was when the event was made.
  package enum Payload: Sendable, Equatable {
    /// Of `checkout.session.completed`, `.async_payment_succeeded`, `.async_payment_failed` and `.expired`.
    case checkoutSession(StripeCheckoutSession)
    /// Of `customer.subscription.created`, `.updated`, `.deleted`, `.paused` and `.resumed`.
    case subscription(StripeSubscription)
    /// Of `invoice.paid`, `.payment_failed` and `.payment_action_required`.
    case invoice(StripeInvoice)
    /// Of `invoice_payment.paid`.
    case invoicePayment(StripeInvoicePayment)
    /// Of `charge.refunded`.
    case charge(StripeCharge)
    /// Of `refund.created`, `.updated`, `.failed` and what else of a refund there may be.
    case refund(StripeRefund)
    /// Of `charge.dispute.created` and `.closed`.
    case dispute(StripeDispute)
    /// Of a thin event, whatever its type: what to fetch, where it names something.
    case thin(StripeRelatedObject?)
    /// Of every other type, unread.
    case other
  }
}
