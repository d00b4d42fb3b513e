// Random histories of events (corrections, moves, withdrawals, repairs, equal duplicates, many
// versions), delivered in random batches, against SQL written by hand that shares no code with the
// pipeline: it reads the delivered files and ranks the versions in plain SQL of another engine
// session.
#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "end_to_end/program.h"

namespace bullion::end_to_end {
namespace {

/// All versions of one event, in the order they were made.
std::vector<std::string> history_of(int event, std::mt19937& random) {
  const auto below = [&random](int limit) {
    return static_cast<int>(random() % static_cast<unsigned>(limit));
  };
  const int kind = event % 10;
  // One in ten has 30 versions; the rest up to six.
  const int versions = kind == 0 ? 30 : 1 + below(6);
  const int home = 1 + below(6);
  std::vector<std::string> lines;
  for (int version = 1; version <= versions; ++version) {
    // Moves away and back, and withdrawals that may be followed by a repair.
    const int day = kind % 3 == 0 && version % 2 == 0 ? 1 + below(6) : home;
    const bool withdrawn = kind % 4 == 1 && version > 1 && below(2) == 0;
    const std::string line =
        billing_line(fmt::format("E{:04}", event), version, fmt::format("A{}", 1 + event % 3),
                     fmt::format("2025-01-{:02}", day),
                     fmt::format("{}.{:02}", below(50), below(100)), withdrawn);
    lines.push_back(line);
    if (below(5) == 0) lines.push_back(line);  // an equal duplicate
    // The same version twice with other content: the tie is broken by content, never by arrival.
    if (kind == 7 && below(3) == 0) {
      lines.push_back(billing_line(fmt::format("E{:04}", event), version,
                                   fmt::format("A{}", 1 + event % 3),
                                   fmt::format("2025-01-{:02}", day), "77.77", withdrawn));
    }
  }
  return lines;
}

/// What must be published, from the delivered files alone. Keys with two contents of one newest
/// version are left out here: which of them wins is a hash; that it is the same in every order is
/// tested below.
std::string oracle(const std::filesystem::path& project) {
  return fmt::format(
      "WITH delivered AS (SELECT DISTINCT event_id, CAST(event_version AS INTEGER) AS v, "
      "account_id, "
      "CAST(usage_date AS DATE) AS d, CAST(cost AS DECIMAL(18,6)) AS c, is_withdrawn = 'true' AS w "
      "FROM "
      "read_csv('{}/incoming/*.csv', all_varchar = true)), newest AS (SELECT * FROM delivered AS x "
      "WHERE "
      "NOT EXISTS (SELECT 1 FROM delivered AS y WHERE y.event_id = x.event_id AND y.v > x.v)), "
      "single AS "
      "(SELECT * FROM newest WHERE event_id IN (SELECT event_id FROM newest GROUP BY event_id "
      "HAVING "
      "count(*) = 1)) SELECT coalesce(string_agg(event_id || ' ' || d || ' ' || c, ';' ORDER BY "
      "event_id), '') "
      "FROM single WHERE NOT w",
      project.string());
}

/// The same keys as published.
std::string published(const std::filesystem::path& project) {
  return fmt::format(
      "WITH delivered AS (SELECT DISTINCT event_id, CAST(event_version AS INTEGER) AS v, "
      "account_id, "
      "usage_date, CAST(cost AS DECIMAL(18,6)) AS c, is_withdrawn FROM "
      "read_csv('{}/incoming/*.csv', "
      "all_varchar = true)), tops AS (SELECT event_id, max(v) AS v FROM delivered GROUP BY "
      "event_id), tied "
      "AS (SELECT event_id FROM delivered JOIN tops USING (event_id, v) GROUP BY event_id HAVING "
      "count(*) > "
      "1) SELECT coalesce(string_agg(event_id || ' ' || usage_date || ' ' || cost_usd, ';' ORDER "
      "BY "
      "event_id), '') FROM billing_events WHERE event_id NOT IN (SELECT event_id FROM tied)",
      project.string());
}

/// Without one of its files, and with it again, the lake is as if that were all that ever came.
void expect_withdrawal_undoes(const std::filesystem::path& project, const std::string& file) {
  const std::string before = release_hashes(project);
  std::filesystem::rename(project / "incoming" / file, project / file);
  const Outcome withdrawn = bullion(project, {"withdraw", file, "--reason", "test", "--quiet"});
  ASSERT_EQ(withdrawn.code, 0) << withdrawn.out << withdrawn.err;
  EXPECT_EQ(query_value(project, published(project)), query_value(project, oracle(project)));
  EXPECT_EQ(bullion(project, {"verify"}).code, 0);
  std::filesystem::rename(project / file, project / "incoming" / file);
  const Outcome restored =
      bullion(project, {"withdraw", file, "--reason", "test", "--undo", "--quiet"});
  ASSERT_EQ(restored.code, 0) << restored.out << restored.err;
  EXPECT_EQ(release_hashes(project), before);
}

TEST(Histories, AgreeWithSqlByHandInWhateverOrderTheyArrive) {
  constexpr int kLakes = 10;
  constexpr int kHistoriesPerLake = 20;  // 200 histories in all
  for (int lake = 0; lake < kLakes; ++lake) {
    SCOPED_TRACE(fmt::format("seed {}", lake));
    std::mt19937 random(static_cast<unsigned>(lake));
    const TestFolder folder("history");
    std::vector<std::string> lines;
    for (int i = 0; i < kHistoriesPerLake; ++i) {
      for (std::string& line : history_of(lake * 100 + i, random)) lines.push_back(std::move(line));
    }
    std::string hashes;
    // In the order made and incrementally, then shuffled and in other batches.
    for (int order = 0; order < 2; ++order) {
      const auto project = folder / fmt::format("p{}", order);
      make_project(project);
      const size_t batches = order == 0 ? 4 : 2;
      for (size_t batch = 0; batch < batches; ++batch) {
        std::string text = billing_header();
        const size_t from = lines.size() * batch / batches;
        const size_t to = lines.size() * (batch + 1) / batches;
        for (size_t i = from; i < to; ++i) text += lines[i];
        write_file(project / fmt::format("incoming/{}.csv", batch), text);
        const Outcome run = bullion(project, {"run", "--quiet"});
        ASSERT_EQ(run.code, 0) << run.out << run.err;
        EXPECT_EQ(query_value(project, published(project)), query_value(project, oracle(project)));
      }
      if (order == 1) {
        EXPECT_EQ(release_hashes(project), hashes);
      }
      hashes = release_hashes(project);
      EXPECT_EQ(bullion(project, {"verify"}).code, 0);
      if (order == 0 && lake % 2 == 0) expect_withdrawal_undoes(project, "1.csv");
      if (::testing::Test::HasFailure()) return;
      std::shuffle(lines.begin(), lines.end(), random);
    }
  }
}

}  // namespace
}  // namespace bullion::end_to_end
