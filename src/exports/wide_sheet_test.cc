#include "exports/wide_sheet.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "exports/export_fixture_internal.h"

namespace bullion::exports {
namespace {

using testing::HasSubstr;

class WideSheet : public ExportFixture {
 protected:
  WideRequest of(const std::string& rows) {
    WideRequest request;
    request.sql =
        "SELECT line, currency, CAST(month AS DATE) AS month, CAST(amount AS "
        "DECIMAL(18,2)) AS amount FROM (VALUES " +
        rows + ") AS v(line, currency, month, amount)";
    request.title = "Plan";
    request.notes = {"Fill in"};
    request.currency_column = "currency";
    request.provenance.release = 7;
    return request;
  }
  std::string csv(const WideRequest& request) {
    std::string text;
    const auto summary = export_wide_csv(*engine_, request, [&text](std::string_view bytes) {
      text += bytes;
      return ok();
    });
    return summary ? text : summary.error().message();
  }
};

TEST_F(WideSheet, HasAColumnForEachNameInOrderAndALineForEachKey) {
  EXPECT_EQ(csv(of("('B', 'EUR', '2025-02-01', 2.50), ('B', 'EUR', '2025-01-01', 1), "
                   "('A', 'EUR', '2025-02-01', NULL), ('=1+1', 'EUR', '2025-01-01', -3)")),
            "# Plan\r\n# Fill in\r\nline,currency,2025-01-01,2025-02-01\r\nB,EUR,1.00,2.50\r\n"
            "A,EUR,,\r\n'=1+1,EUR,-3.00,\r\n");
}

TEST_F(WideSheet, RefusesTwoValuesForOneCell) {
  EXPECT_EQ(csv(of("('A', 'EUR', '2025-02-01', 1), ('A', 'EUR', '2025-02-01', 1)")),
            "two values for month 2025-02-01 of the line A, EUR");
}

TEST_F(WideSheet, RefusesWhatIsNoSheet) {
  WideRequest request;
  request.sql = "SELECT 1 AS name, 2 AS value";
  EXPECT_THAT(csv(request), HasSubstr("needs columns that tell what a line is"));
  request.sql = "SELECT 'a' AS line, 1 AS name, 'x' AS value";
  EXPECT_THAT(csv(request), HasSubstr("expected the decimal that is filled in"));
  request = of("('A', 'EUR', '2025-02-01', 1)");
  request.sql += " WHERE line = 'B'";
  EXPECT_THAT(csv(request), HasSubstr("the query gives no row"));
}

TEST_F(WideSheet, AWorkbookHasTheSameBytesEachTimeAndExactTotals) {
  const WideRequest request =
      of("('A', 'EUR', '2025-01-01', 0.10), ('A', 'EUR', '2025-02-01', 0.20), "
         "('B', 'USD', '2025-01-01', 5)");
  const auto first = export_wide_xlsx(*engine_, request, path("1.xlsx"));
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(export_wide_xlsx(*engine_, request, path("2.xlsx")), IsOk());
  EXPECT_EQ(file_bytes(path("1.xlsx")), file_bytes(path("2.xlsx")));
  EXPECT_EQ(first->lines, 2);
  EXPECT_EQ(first->columns, 2);
  ASSERT_EQ(first->totals.size(), 2U);
  EXPECT_EQ(first->totals[0].currency, "EUR");
  EXPECT_EQ(first->totals[0].sum, "0.30");
  EXPECT_EQ(first->totals[1].sum, "5.00");
}

TEST_F(WideSheet, AWorkbookRefusesAmountsThatACellWouldChange) {
  const auto made = export_wide_xlsx(
      *engine_, of("('A', 'EUR', '2025-01-01', 1234567890123456.78)"), path("1.xlsx"));
  EXPECT_THAT(made, IsErrorOf(ErrorKind::Invalid));
  EXPECT_THAT(made, HasMessage("take the CSV form"));
}

}  // namespace
}  // namespace bullion::exports
