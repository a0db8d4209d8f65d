/// The target that owns each table. Only the code of that target may name the table in SQL.
enum TableOwners {
  static let table: [String: [String]] = [
    "Postgres": ["schema_migrations"],
    "Jobs": ["jobs"],
    "Limits": ["circuit_breakers", "failure_brakes", "rate_buckets", "rate_windows", "service_pauses"],
    "Accounts": ["account_identities", "accounts", "audit_log", "credentials"],
    "Access": ["idempotency_keys", "token_key_sets"],
    "Metering": [
      "credit_accounts", "credit_entries", "credit_holds", "credit_lots", "meter_days", "meter_holds", "model_calls",
    ],
    "Notifications": ["notification_endpoints"],
    "SiteAnalysis": ["model_answers", "pages_read", "queued_analyses", "site_reports"],
    "Documents": ["documents"],
    "Billing": [
      "checkouts", "delivery_audit", "invoice_lines", "invoice_payments", "payment_reversals", "stripe_references",
      "subscription_invoices", "subscriptions", "webhook_events",
    ],
  ]

  /// Applied migrations that name tables of other targets. They cannot be changed any more.
  static let exceptions: [String: Set<String>] = [
    // These tables were moved to Access after they had been created.
    "Shared/Features/Accounts/Migrations/m0012_tokens.sql": ["token_key_sets"],
    "Shared/Features/Metering/Migrations/m0009_metering.sql": ["idempotency_keys"],
    // These migrations enqueue and rename jobs.
    "Shared/Features/Billing/Migrations/m0020_paid_lines.sql": ["jobs"],
    "Shared/Features/Billing/Migrations/m0033_plan_ends.sql": ["accounts", "jobs"],
  ]

  /// Files that insert names of tables into SQL text. String literals in them may only name tables of their own target.
  static let filesWithInsertedNames: Set<String> = [
    // Deletes from each of its tables in a loop.
    "Shared/Limits/Limits.swift",
    // Deletes accounts to which no table refers. It finds these tables in the catalog of PostgreSQL.
    "Shared/Features/Accounts/Accounts+Purge.swift",
  ]

  static func owner(of name: String) -> String? { table.first { $0.value.contains(name) }?.key }
}
