#include "state/migrations.h"

#include <fmt/format.h>

namespace bullion::state {
namespace {

constexpr const char* kTable = "bullion_migrations";

Result<int64_t> version_of(Transaction& transaction, const std::string& component) {
  BULLION_TRY_ASSIGN(const bool exists, transaction.has_table(kTable));
  if (!exists) return 0;
  BULLION_TRY_ASSIGN(
      const auto rows,
      transaction.rows("SELECT coalesce(max(version), 0) FROM bullion_migrations WHERE component = "
                       "$1",
                       {component}));
  return number_of(rows.at(0).at(0));
}

Status refuse_newer(const Database& database, const std::string& component, int64_t found,
                    int64_t known) {
  if (found <= known) return ok();
  return invalid(
      fmt::format("state `{}`: its tables of `{}` are of version {}, made by a newer bullion; this "
                  "one knows version {}; use the newer program",
                  database.place(), component, found, known));
}

Status run_steps(Transaction& transaction, const std::string& component, int64_t from,
                 std::span<const Migration> migrations, const Clock& clock) {
  BULLION_TRY(transaction.execute(
      "CREATE TABLE IF NOT EXISTS bullion_migrations (component TEXT NOT NULL, version BIGINT NOT "
      "NULL, description TEXT NOT NULL, applied_at_us BIGINT NOT NULL, PRIMARY KEY (component, "
      "version))"));
  for (const Migration& migration : migrations) {
    if (migration.version <= from) continue;
    for (const std::string& statement : migration.statements) {
      BULLION_TRY(transaction.execute(statement));
    }
    BULLION_TRY(transaction.execute(
        "INSERT INTO bullion_migrations (component, version, description, applied_at_us) VALUES "
        "($1, $2, $3, $4)",
        {component, migration.version, migration.description, clock.now_us()}));
  }
  return ok();
}

}  // namespace

Status migrate(Database& database, const std::string& component,
               std::span<const Migration> migrations, const Clock& clock) {
  const int64_t known = migrations.empty() ? 0 : migrations.back().version;
  int64_t found = 0;
  // Most often there is nothing to do, and no writer to wait for.
  BULLION_TRY(transact(database, Access::Read, [&](Transaction& transaction) -> Status {
    BULLION_TRY_ASSIGN(found, version_of(transaction, component));
    return ok();
  }));
  BULLION_TRY(refuse_newer(database, component, found, known));
  if (found == known) return ok();
  return transact(database, Access::Write, [&](Transaction& transaction) -> Status {
    BULLION_TRY_ASSIGN(found, version_of(transaction, component));
    BULLION_TRY(refuse_newer(database, component, found, known));
    return run_steps(transaction, component, found, migrations, clock);
  });
}

}  // namespace bullion::state
