#include "detect/case_records_internal.h"

namespace bullion::detect {
namespace {

constexpr const char* kSync =
    R"(CREATE TABLE bullion_case_sync (
             id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
             project TEXT NOT NULL,
             release_number BIGINT NOT NULL,
             synced_at_us BIGINT NOT NULL,
             synced_by TEXT NOT NULL))";
constexpr const char* kCases =
    R"(CREATE TABLE bullion_cases (
             case_id BIGINT NOT NULL PRIMARY KEY,
             state TEXT NOT NULL CHECK (state IN ('new', 'suppressed', 'assigned', 'confirmed',
               'dismissed', 'recovered', 'merged')),
             owner TEXT NOT NULL,
             subject_type TEXT NOT NULL,
             subject_id TEXT NOT NULL,
             title TEXT NOT NULL,
             severity TEXT NOT NULL,
             score TEXT NOT NULL,
             findings BIGINT NOT NULL,
             cleared BIGINT NOT NULL CHECK (cleared IN (0, 1)),
             grown BIGINT NOT NULL CHECK (grown IN (0, 1)),
             merged_into BIGINT REFERENCES bullion_cases (case_id),
             first_release BIGINT NOT NULL,
             opened_at_us BIGINT NOT NULL,
             changed_at_us BIGINT NOT NULL))";
constexpr const char* kMoney =
    R"(CREATE TABLE bullion_case_money (
             case_id BIGINT NOT NULL REFERENCES bullion_cases (case_id),
             currency TEXT NOT NULL,
             at_risk TEXT NOT NULL,
             decided TEXT,
             confirmed TEXT,
             recovered TEXT NOT NULL,
             PRIMARY KEY (case_id, currency)))";
constexpr const char* kFindingsTable =
    R"(CREATE TABLE bullion_case_findings (
             detector TEXT NOT NULL,
             finding_key TEXT NOT NULL,
             case_id BIGINT NOT NULL REFERENCES bullion_cases (case_id),
             severity TEXT NOT NULL,
             weight TEXT NOT NULL,
             strength TEXT NOT NULL,
             subject_type TEXT NOT NULL,
             subject_id TEXT NOT NULL,
             reason TEXT NOT NULL,
             first_release BIGINT NOT NULL,
             last_release BIGINT,
             PRIMARY KEY (detector, finding_key)))";
constexpr const char* kFindingsIndex =
    "CREATE INDEX bullion_case_findings_of_case ON bullion_case_findings (case_id)";
constexpr const char* kEvents =
    R"(CREATE TABLE bullion_case_events (
             event_id BIGINT NOT NULL PRIMARY KEY,
             case_id BIGINT NOT NULL REFERENCES bullion_cases (case_id),
             at_us BIGINT NOT NULL,
             by_user TEXT NOT NULL,
             action TEXT NOT NULL,
             state_before TEXT NOT NULL,
             state_after TEXT NOT NULL,
             amount TEXT NOT NULL,
             currency TEXT NOT NULL,
             note TEXT NOT NULL,
             release_number BIGINT NOT NULL))";
constexpr const char* kEventsIndex =
    "CREATE INDEX bullion_case_events_of_case ON bullion_case_events (case_id)";
constexpr const char* kPatterns =
    R"(CREATE TABLE bullion_case_patterns (
             pattern_id BIGINT NOT NULL PRIMARY KEY,
             detector TEXT NOT NULL,
             subject_type TEXT NOT NULL,
             subject_id TEXT NOT NULL,
             finding_key TEXT NOT NULL,
             note TEXT NOT NULL,
             case_id BIGINT REFERENCES bullion_cases (case_id),
             created_at_us BIGINT NOT NULL,
             created_by TEXT NOT NULL,
             revoked_at_us BIGINT,
             revoked_by TEXT NOT NULL))";

constexpr const char* kVersion =
    "ALTER TABLE bullion_cases ADD COLUMN version BIGINT NOT NULL DEFAULT 1";

}  // namespace

std::span<const state::Migration> case_migrations() {
  static const std::vector<state::Migration> steps = {
      {1,
       "cases, their findings, money and history; patterns",
       {kSync, kCases, kMoney, kFindingsTable, kFindingsIndex, kEvents, kEventsIndex, kPatterns}},
      {2, "a version of each case, which every change moves", {kVersion}},
  };
  return steps;
}

}  // namespace bullion::detect
