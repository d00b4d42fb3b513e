// Real sales, receivables and payments through the revenue domain, to the last digit. The files are
// not part of this repository (program.h, shared_data).
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/shared_data.h"
#include "end_to_end/program.h"

namespace bullion::end_to_end {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// As replace_in(), for files that need not have the text; a changed file is a new one.
void replace_where_found(const fs::path& path, const std::string& what, const std::string& with) {
  std::string text = read_file(path);
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
  fs::remove(path);
  write_file(path, text);
}

/// A revenue project in another currency, with the sources and silver models of `overlay`.
fs::path make_company(const TestFolder& parent, const std::string& overlay,
                      const std::string& currency, const std::string& name = "company") {
  must(parent.path(), {"init", "revenue", name, "-q"});
  const fs::path folder = parent / name;
  replace_in(folder / "bullion.yml", "currency: EUR", "currency: " + currency);
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".yml") continue;
    replace_where_found(entry.path(), "values: [EUR]", fmt::format("values: [{}]", currency));
  }
  fs::copy(source_folder() / "test/end_to_end/projects/revenue" / overlay, folder,
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  fs::create_directories(folder / "incoming");
  return folder;
}

std::string skip_text(const fs::path& file) {
  return fmt::format(
      "\n*** SKIPPED: no {}; set BULLION_SHARED_DATA to the folder that has revenue ***\n",
      file.string());
}

/// The hashes of the tables that hold no file ids.
std::string marts(const fs::path& folder) {
  std::istringstream lines(release_hashes(folder));
  std::string kept;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("online_retail") || line.starts_with("raw_")) continue;
    kept += line + "\n";
  }
  return kept;
}

/// Recency, frequency and money of each customer straight from the lines of the export, and the
/// scores by counting who is better; then how many of these rows customer_360 has as well.
constexpr const char* kRfmOracle = R"(
WITH docs AS (
  SELECT customer_id, invoice, min(CAST(invoiced_at AS DATE)) AS day,
    sum(quantity * price) AS amount
  FROM online_retail
  WHERE customer_id IS NOT NULL AND NOT invoice LIKE 'A%'
  GROUP BY customer_id, invoice
),
customers AS (
  SELECT customer_id,
    max(day) FILTER (WHERE amount > 0 AND NOT invoice LIKE 'C%') AS last_day,
    count(*) FILTER (WHERE amount > 0 AND NOT invoice LIKE 'C%') AS n,
    sum(amount) AS money
  FROM docs
  GROUP BY customer_id
),
buyers AS (SELECT * FROM customers WHERE n > 0),
scored AS (
  SELECT b.customer_id, b.n, b.money, date_diff('day', b.last_day, DATE '2010-12-09') AS recency,
    5 - CAST(floor(5.0 * (SELECT count(*) FROM buyers AS o WHERE o.last_day > b.last_day)
      / (SELECT count(*) FROM buyers)) AS INT) AS r,
    5 - CAST(floor(5.0 * (SELECT count(*) FROM buyers AS o WHERE o.n > b.n)
      / (SELECT count(*) FROM buyers)) AS INT) AS f,
    5 - CAST(floor(5.0 * (SELECT count(*) FROM buyers AS o WHERE o.money > b.money)
      / (SELECT count(*) FROM buyers)) AS INT) AS m
  FROM buyers AS b
)
SELECT count(*) || ' ' || sum(CASE WHEN c.recency_days = s.recency AND c.invoices = s.n
  AND c.lifetime_value = s.money AND c.rfm = CONCAT(s.r, s.f, s.m) THEN 1 ELSE 0 END)
FROM scored AS s
LEFT JOIN customer_360 AS c ON c.customer_cluster = s.customer_id)";

/// Cohorts the same way: rows that only one of the two sides has.
constexpr const char* kCohortOracle = R"(
WITH docs AS (
  SELECT customer_id, invoice, min(CAST(invoiced_at AS DATE)) AS day,
    sum(quantity * price) AS amount
  FROM online_retail
  WHERE customer_id IS NOT NULL AND NOT invoice LIKE 'A%'
  GROUP BY customer_id, invoice
),
firsts AS (
  SELECT customer_id, min(day) AS day
  FROM docs
  WHERE amount > 0 AND NOT invoice LIKE 'C%'
  GROUP BY customer_id
),
wanted AS (
  SELECT strftime(f.day, '%Y-%m') AS cohort, date_diff('month', f.day, d.day) AS months_since,
    count(DISTINCT d.customer_id) AS customers, sum(d.amount) AS amount
  FROM docs AS d
  JOIN firsts AS f USING (customer_id)
  GROUP BY 1, 2
),
found AS (
  SELECT cohort, months_since, count(DISTINCT customer_cluster) AS customers, sum(amount) AS amount
  FROM customer_months
  GROUP BY 1, 2
)
SELECT (SELECT count(*) FROM wanted)
  || ' ' || (SELECT count(*) FROM (FROM wanted EXCEPT FROM found))
  || ' ' || (SELECT count(*) FROM (FROM found EXCEPT FROM wanted)))";

TEST(PublicRevenue, AYearOfAWholesalerIsTheSameFromCsvAndParquetToTheLastDigit) {
  const fs::path files = shared_data() / "revenue/online_retail_ii_2009_2010";
  if (!fs::is_directory(files)) GTEST_SKIP() << skip_text(files);
  const TestFolder parent("retail");
  const fs::path folder = make_company(parent, "online_retail", "GBP");
  fs::copy(files / "online_retail.csv.gz", folder / "incoming/online_retail.csv.gz");
  must(folder, {"run", "-q"});
  const auto value = [&](const std::string& sql) { return query_value(folder, sql); };
  EXPECT_EQ(value("SELECT sum(rows_quarantined) FROM ops.runs"), "0");
  EXPECT_EQ(value("SELECT count(*) || ' ' || count(DISTINCT order_id) || ' ' || sum(amount) FROM "
                  "fact_order_line"),
            "525461 28816 9539484.6340");
  EXPECT_EQ(value("SELECT sum(amount) FROM fact_invoice"), "9539484.6340");
  // Returns are netted, not dropped: sales and returns add up to the same sum.
  EXPECT_EQ(csv(folder,
                "SELECT document_type, count(*) AS n, sum(amount) AS amount FROM fact_invoice "
                "GROUP BY 1 ORDER BY 1"),
            "document_type,n,amount\nadjustment,3,-136552.0200\ncredit_memo,4592,-629855.3700\n"
            "invoice,24221,10305892.0240\n");
  EXPECT_EQ(
      csv(folder,
          "SELECT line_class, count(*) AS n, sum(amount) AS amount FROM fact_order_line GROUP "
          "BY 1 ORDER BY 1"),
      "line_class,n,amount\nadjustment,73,-128985.7300\ndiscount,100,-7788.3200\n"
      "fee,74,-67630.0700\nmanual,854,-14109.6300\nproduct,522495,9590916.1440\n"
      "sample,41,-3016.4100\nshipping,1740,168894.3500\ntest,17,203.5000\n"
      "voucher,67,1000.8000\n");
  // 6,865 lines repeat another of the file in every column. They are kept, for the invoices count
  // them, and numbered; two lines of invoice 492807 differ by the minute, which the fact has not.
  EXPECT_EQ(value("SELECT (SELECT count(*) FROM online_retail) - (SELECT count(*) FROM (SELECT "
                  "DISTINCT invoice, stock_code, description, quantity, invoiced_at, price, "
                  "customer_id, country FROM online_retail))"),
            "6865");
  EXPECT_EQ(value("SELECT count(*) FROM fact_order_line WHERE repetition > 1"), "6866");
  EXPECT_EQ(value(kRfmOracle), "4312 4312");
  EXPECT_EQ(value(kCohortOracle), "121 0 0");

  // The Parquet file holds prices and customers as DOUBLE: the same tables, to the byte.
  const fs::path other = make_company(parent, "online_retail", "GBP", "parquet");
  replace_in(other / "sources/online_retail.yml", "format: csv", "format: parquet");
  fs::copy(files / "online_retail.parquet", other / "incoming/online_retail.parquet");
  must(other, {"run", "-q"});
  const std::string hashes = marts(folder);
  EXPECT_THAT(hashes, HasSubstr("order_lines "));
  EXPECT_TRUE(hashes == marts(other));
  replace_in(other / "sources/online_retail.yml", "floats: shortest", "floats: refuse");
  EXPECT_THAT(must(other, {"plan"}).out, HasSubstr("online_retail"));
}

TEST(PublicRevenue, ReceivablesSettleAndAgeAsTheirOwnColumnsSay) {
  const fs::path files = shared_data() / "revenue/ibm_accounts_receivable";
  if (!fs::is_directory(files)) GTEST_SKIP() << skip_text(files);
  const TestFolder parent("receivables");
  const fs::path folder = make_company(parent, "receivables_list", "USD");
  fs::copy(files / "accounts_receivable_with_missing.csv.gz",
           folder / "incoming/accounts_receivable.csv.gz");
  must(folder, {"run", "-q"});
  EXPECT_EQ(csv(folder,
                "SELECT count(*) AS n, sum(CASE WHEN f.days_to_settle = r.days_to_settle THEN 1 "
                "END) AS settled, sum(CASE WHEN f.days_late = r.days_late THEN 1 END) AS late, "
                "sum(CASE WHEN f.days_late > 0 THEN 1 END) AS some_late, sum(CASE WHEN "
                "f.is_disputed THEN 1 END) AS disputed, sum(f.amount) AS amount FROM fact_invoice "
                "AS f JOIN receivables_list AS r ON r.invoice_number = f.invoice_id"),
            "n,settled,late,some_late,disputed,amount\n2586,2586,2586,942,623,155658.7800\n");
  // Open is what was invoiced and not settled yet; each column of the ageing by its own condition.
  for (const char* day : {"2012-06-30", "2013-03-31", "2013-09-30"}) {
    const std::string open = fmt::format(
        "FROM receivables_list WHERE invoice_date <= DATE '{0}' AND settled_date > DATE '{0}'",
        day);
    const std::string late = fmt::format("date_diff('day', due_date, DATE '{}')", day);
    EXPECT_EQ(
        csv(folder, fmt::format("SELECT bucket, CAST(sum(open_amount) AS DECIMAL(18,2)) AS amount "
                                "FROM receivables_ageing WHERE as_of = DATE '{}' GROUP BY bucket "
                                "ORDER BY bucket",
                                day)),
        csv(folder,
            fmt::format("SELECT CASE WHEN {0} <= 0 THEN 'current' WHEN {0} <= 30 THEN '1-30' WHEN "
                        "{0} <= 60 THEN '31-60' WHEN {0} <= 90 THEN '61-90' ELSE '90+' END AS "
                        "bucket, CAST(sum(amount) AS DECIMAL(18,2)) AS amount {1} GROUP BY 1 ORDER "
                        "BY 1",
                        late, open)))
        << day;
    EXPECT_EQ(query_value(folder, fmt::format("SELECT CAST(sum(open_amount) AS DECIMAL(18,2)) FROM "
                                              "receivables_ageing WHERE as_of = DATE '{}'",
                                              day)),
              query_value(folder, "SELECT CAST(sum(amount) AS DECIMAL(18,2)) " + open));
  }
}

TEST(PublicRevenue, PaymentsOfAMarketplaceKeepTheirMix) {
  const fs::path files = shared_data() / "revenue/olist_partial";
  if (!fs::is_directory(files)) GTEST_SKIP() << skip_text(files);
  const TestFolder parent("payments");
  const fs::path folder = make_company(parent, "order_payments", "BRL");
  fs::copy(files / "olist_order_payments_dataset.csv.gz",
           folder / "incoming/olist_order_payments_dataset.csv.gz");
  must(folder, {"run", "-q"});
  const std::string mix = must(folder, {"metric", "paid", "--by", "method"}).out;
  for (const char* part : {"12542084.19", "2869361.27", "379436.87", "217989.79", "not_defined",
                           "16,008,872.12 BRL"}) {
    EXPECT_THAT(mix, HasSubstr(part));
  }
  EXPECT_EQ(query_value(folder,
                        "SELECT count(*) || ' ' || count(DISTINCT order_id) || ' ' || "
                        "sum(CASE WHEN installments = 0 THEN 1 ELSE 0 END) FROM "
                        "fact_payment"),
            "103886 99440 2");
}

}  // namespace
}  // namespace bullion::end_to_end
