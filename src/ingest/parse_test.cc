#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>
#include <zstd.h>

#include "ingest/parse_fixture_internal.h"
#include "ingest/typed_rows_internal.h"

namespace bullion::ingest {
namespace {

using std::string_literals::operator""s;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

constexpr std::string_view kParseHeader = "event_id,usage_date,cost,currency,note\n";

std::string with_header(std::string_view rows) {
  return std::string(kParseHeader) + std::string(rows);
}

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  std::string in(bytes);
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd(std::string_view bytes) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress2(context, out.data(), out.size(), bytes.data(), bytes.size()));
  ZSTD_freeCCtx(context);
  return out;
}

class Parsing : public ParseFixture {
 protected:
  /// "record:line codes" of each rejected record.
  static std::vector<std::string> rejects(const ParsedFile& parsed) {
    std::vector<std::string> all;
    for (const Rejected& one : parsed.rejected) {
      all.push_back(fmt::format("{}:{} {}", one.record, one.line, fmt::join(one.codes, " ")));
    }
    return all;
  }
  std::vector<std::string> rejects_of(std::string_view rows) {
    return rejects(parse_text(with_header(rows)));
  }
};

TEST_F(Parsing, KeepsGoodRowsInOrderAndCountsTheirMoney) {
  const ParsedFile parsed =
      parse_text(with_header("e1,2025-01-01,10.00,USD,first\ne2,2025-01-02,-0.5,EUR,\ne3,,,,\n"));
  EXPECT_EQ(parsed.kept, 3);
  EXPECT_EQ(parsed.kept_amount, (Decimal{950, 2}));
  EXPECT_THAT(parsed.rejected, IsEmpty());
  EXPECT_THAT(staged_rows(parsed, "event_id, usage_date, cost, currency, note, _batch_id, _extra"),
              ElementsAre("e1|2025-01-01|10.00|USD|first|bills-1|NULL",
                          "e2|2025-01-02|-0.50|EUR|NULL|bills-1|NULL",
                          "e3|NULL|NULL|NULL|NULL|bills-1|NULL"));
  EXPECT_THAT(staged_rows(parsed, "DISTINCT _file_id"), SizeIs(1));
}

TEST_F(Parsing, ComputesTheRowHashThatTheEngineComputes) {
  const ParsedFile parsed = parse_text(with_header("e1,2025-01-01,10.00,USD,é\ne2,,,,\n"));
  EXPECT_THAT(
      staged_rows(parsed,
                  fmt::format("row_hash({0}::UBIGINT, event_id, usage_date, cost, currency, "
                              "note)::HUGEINT + lead(row_hash({0}::UBIGINT, event_id, "
                              "usage_date, cost, currency, note)::HUGEINT) OVER ()",
                              kRowHashSeed))
          .size(),
      2U);
  const auto hashes = staged_rows(
      parsed, fmt::format("row_hash({}::UBIGINT, event_id, usage_date, cost, currency, note)",
                          kRowHashSeed));
  ASSERT_THAT(hashes, SizeIs(2));
  const auto sum =
      static_cast<uint64_t>(std::stoll(hashes[0])) + static_cast<uint64_t>(std::stoll(hashes[1]));
  EXPECT_EQ(parsed.row_hash.sum_a, sum);
  EXPECT_EQ(parsed.row_hash.rows, 2U);
}

TEST_F(Parsing, RejectsARowWithEveryReason) {
  const ParsedFile parsed = parse_text(with_header(",2025-02-30,0.129,GBP,x\n"));
  EXPECT_THAT(rejects(parsed), ElementsAre("1:2 missing-value bad-date lost-digits not-accepted"));
  EXPECT_EQ(parsed.rejected[0].raw, ",2025-02-30,0.129,GBP,x");
  EXPECT_EQ(parsed.rejected[0].amount, (Decimal{129, 3}));
  EXPECT_EQ(parsed.rejected[0].reasons[1],
            "usage_date: `2025-02-30` is not a date of the calendar; expected YYYY-MM-DD");
  EXPECT_THAT(parsed.staged, IsEmpty());
}

TEST_F(Parsing, RejectsBadRecordsOneByOne) {
  EXPECT_THAT(rejects_of("e1,,1\ne2,,1,USD,,more\ne3,,1,USD,\n"),
              ElementsAre("1:2 field-count", "2:3 field-count"));
  EXPECT_THAT(rejects_of("e1,," + std::string(40, '9') + ",USD,\n"),
              ElementsAre("1:2 too-many-digits"));
  EXPECT_THAT(rejects_of("e1,,1,USD,a\0b\ne2,,1,USD,\xFF\n"s),
              ElementsAre("1:2 nul-byte", "2:3 invalid-utf8"));
  EXPECT_THAT(rejects_of("e1,,1,USD,\"two\nlines\"\ne2,,x,USD,\ne3,,1,USD,\"open\ne4,,1,USD,\n"),
              ElementsAre("2:4 bad-decimal", "3:5 unterminated-quote"));
  EXPECT_THAT(rejects_of("e1,,1,USD," + std::string(10 << 20, 'x') + "\ne2,,1,USD,\n"),
              ElementsAre("1:2 record-too-long"));
  EXPECT_THAT(rejects_of("e1,,1,USD," + std::string(5000, ',') + "\ne2,,1,USD,\n"),
              ElementsAre("1:2 record-too-long"));
}

TEST_F(Parsing, ReadsTheAmountOfRejectedRowsWhereItCan) {
  const ParsedFile parsed = parse_text(
      with_header("e1,bad,12.50,USD,\ne2,bad,,USD,\ne3,,n/a,USD,\ne4,,1\ne5,,7,USD,\xFF\n"));
  ASSERT_THAT(parsed.rejected, SizeIs(5));
  EXPECT_EQ(parsed.rejected[0].amount, (Decimal{1250, 2}));
  EXPECT_EQ(parsed.rejected[1].amount, std::nullopt);
  EXPECT_EQ(parsed.rejected[2].amount, std::nullopt);
  // A field is missing behind the amount, which is where it should be.
  EXPECT_EQ(parsed.rejected[3].amount, (Decimal{100, 2}));
  EXPECT_EQ(parsed.rejected[4].amount, (Decimal{700, 2}));
  EXPECT_EQ(parsed.rejected[4].raw, "e5,,7,USD,\xEF\xBF\xBD");
}

TEST_F(Parsing, FindsOneWrongTypeInAMillionLines) {
  std::string text(kParseHeader);
  for (int i = 1; i <= 1'000'000; ++i) {
    text += i == 700'000 ? "e,2025-01-01,1O.00,USD,\n" : "e,2025-01-01,10.00,USD,\n";
  }
  const LandedFile file = land_text(text);
  const ParsedFile parsed = parse(file);
  EXPECT_EQ(parsed.kept, 999'999);
  EXPECT_EQ(parsed.kept_amount, (Decimal{999'999'000, 2}));
  EXPECT_THAT(rejects(parsed), ElementsAre("700000:700001 bad-decimal"));
  const auto found = find_records(*lake_, source_, file, {700'000, 1, 1'000'000});
  ASSERT_THAT(found, IsOk());
  ASSERT_THAT(*found, SizeIs(3));
  EXPECT_EQ((*found)[1].line, 700'001);
  EXPECT_EQ((*found)[1].raw, "e,2025-01-01,1O.00,USD,");
  EXPECT_THAT(find_records(*lake_, source_, file, {1'000'001}),
              HasMessage("there is no record 1000001; the file has 1000000"));
}

TEST_F(Parsing, KeepsItsMemoryWhenEveryLineIsWrong) {
  std::string text(kParseHeader);
  const std::string note(1000, 'n');
  for (int i = 0; i < 100'000; ++i) text += "e,x,1,USD," + note + "\n";
  const ParsedFile parsed = parse_text(text);
  size_t raw_bytes = 0;
  for (const Rejected& rejected : parsed.rejected) raw_bytes += rejected.raw.size();
  EXPECT_EQ(parsed.rejected.size(), 100'000U);
  EXPECT_LE(raw_bytes, kRawBytesTotalMax + 100'000 * kRawBytesLate);
}

TEST_F(Parsing, FindsColumnsByNameInAnyOrder) {
  const ParsedFile parsed =
      parse_text(" Cost ,EVENT_ID,tag,usage_date,x\n1.5,e1,a\"b,2025-01-01,\n");
  EXPECT_THAT(parsed.unknown_columns, ElementsAre("tag", "x"));
  EXPECT_THAT(parsed.missing_columns, ElementsAre("currency", "note"));
  EXPECT_THAT(staged_rows(parsed, "event_id, cost, currency, _extra"),
              ElementsAre("e1|1.50|NULL|{\"tag\":\"a\\\"b\",\"x\":\"\"}"));
}

TEST_F(Parsing, TakesAFileWithAHeaderAndNothingElse) {
  const ParsedFile parsed = parse_text(kParseHeader);
  EXPECT_FALSE(parsed.unreadable);
  EXPECT_EQ(parsed.records, 0);
  EXPECT_THAT(parsed.staged, IsEmpty());
}

TEST_F(Parsing, ReadsFilesWithoutAHeaderByPosition) {
  source_.format.header = false;
  source_.format.delimiter = ';';
  EXPECT_THAT(staged_rows(parse_text("e1;2025-01-01;1;USD;n\n"), "event_id, note"),
              ElementsAre("e1|n"));
}

TEST_F(Parsing, SetsAsideAWholeFileWhoseHeaderIsWrong) {
  EXPECT_EQ(
      why_unreadable("eventid,usage_date,cost\n1,2,3\n"),
      "missing-column: line 1: column `event_id` is missing and must have a value (not_null) (did "
      "you mean `eventid`?); the header has: eventid, usage_date, cost; expected: event_id, "
      "usage_date, cost, currency, note");
  EXPECT_THAT(why_unreadable("\nevent_id,cost,Cost\n"),
              StartsWith("duplicate-header: line 2: the header names column `Cost` twice"));
  EXPECT_THAT(why_unreadable(",,\n\"\",,\n"), StartsWith("missing-column: line 2: "));
  EXPECT_THAT(why_unreadable("event_id" + std::string(5000, ',') + "\n"),
              StartsWith("bad-header: "));
  EXPECT_THAT(why_unreadable("event_id" + std::string(1'000'000, ',') + "\n"),
              HasSubstr("the record has 1000001 fields; at most 4096 are allowed"));
  EXPECT_THAT(why_unreadable("event_id,\"cost\n"), HasSubstr("a quote opens a field"));
}

TEST_F(Parsing, ObeysTheDialectOfItsSource) {
  source_.format.encodings = {"utf-8", "windows-1252"};
  source_.format.delimiter = ';';
  source_.format.header_within = 3;
  source_.format.exclude = {
      {.reason = "control_total", .column = "note", .like = "total*", .only = {}}};
  source_.values.decimal_mark = ',';
  source_.values.thousands_mark = '.';
  source_.values.date_formats = {"%d.%m.%Y"};
  source_.cells["cost"].source_names = {"Kosten"};
  source_.cells["cost"].values = source_.values;
  const ParsedFile parsed = parse_text(
      "Bericht\n"
      "event_id;usage_date;Kosten;note\n"
      ";;;\n"
      "e1;31.12.2024;1.234,50;caf\xE9\n"
      "e2;31.02.2024;-2,5;x\n"
      ";;1.232,00;Total 2024\n");
  EXPECT_THAT(staged_rows(parsed, "event_id, usage_date, cost, note"),
              ElementsAre("e1|2024-12-31|1234.50|caf\u00E9"));
  ASSERT_THAT(parsed.rejected, SizeIs(1));
  EXPECT_EQ(parsed.rejected[0].record, 2);
  EXPECT_EQ(parsed.rejected[0].line, 5);
  EXPECT_THAT(parsed.rejected[0].reasons, ElementsAre(HasSubstr("expected %d.%m.%Y")));
  EXPECT_EQ(parsed.rejected[0].amount, (Decimal{-250, 2}));
  EXPECT_EQ(parsed.excluded.blank, 1);
  ASSERT_THAT(parsed.excluded.records, SizeIs(2));
  EXPECT_EQ(parsed.excluded.records[0].reason, "note");
  EXPECT_EQ(read_amount(source_, parsed.excluded.records[1].amount), (Decimal{123200, 2}));
}

TEST_F(Parsing, FindsTheRecordsOfUnpivotedLinesAgain) {
  source_.format.unpivot = {.columns = {"20*"},
                            .name_column = "note",
                            .value_column = "cost",
                            .keep_empty = false,
                            .beside = {}};
  const LandedFile file = land_text("event_id,2023,2024\na,1,2\n,,\nb,,3\nc,4,x\n");
  const ParsedFile parsed = parse(file);
  EXPECT_THAT(staged_rows(parsed, "event_id, note, cost"),
              ElementsAre("a|2023|1.00", "a|2024|2.00", "b|2024|3.00", "c|2023|4.00"));
  ASSERT_THAT(parsed.rejected, SizeIs(1));
  EXPECT_EQ(parsed.rejected[0].record, 5);
  EXPECT_THAT(parsed.rejected[0].reasons,
              ElementsAre(HasSubstr("cost (column `2024`): `x` is not a number")));
  const auto found = find_records(*lake_, source_, file, {2, 3, 5});
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->at(0).line, 2);
  EXPECT_EQ(found->at(0).raw, "a,1,2");
  EXPECT_EQ(found->at(1).line, 4);
  EXPECT_EQ(found->at(2).raw, "c,4,x");
}

TEST_F(Parsing, CountsTheMoneyOfAValueColumnWithAnotherNameAsRejected) {
  source_.format.unpivot = {.columns = {"20*"},
                            .name_column = "note",
                            .value_column = "cost",
                            .keep_empty = false,
                            .beside = {}};
  const ParsedFile parsed = parse(land_text("event_id,2023,year 2024,2025\na,1,1500.50,2\n"));
  EXPECT_EQ(parsed.kept, 2);
  ASSERT_THAT(parsed.rejected, SizeIs(1));
  EXPECT_THAT(parsed.rejected[0].codes, ElementsAre("unread-number"));
  EXPECT_EQ(parsed.rejected[0].amount, (Decimal{150050, 2}));
}

TEST_F(Parsing, SetsAsideAWholeFileThatIsNoText) {
  EXPECT_EQ(why_unreadable(""), "empty-file: empty file: it has no bytes");
  EXPECT_THAT(why_unreadable("\xEF\xBB\xBF\n\n"), StartsWith("empty-file: "));
  EXPECT_THAT(why_unreadable(gzip("")), StartsWith("empty-file: "));
  EXPECT_THAT(why_unreadable("PK\3\4" + std::string(22, '\1') + "\7\0\0\0xl/a.bx"s),
              HasSubstr("Excel"));
  EXPECT_THAT(why_unreadable("PK\3\4 cut off"), StartsWith("bad-archive: "));
  EXPECT_THAT(why_unreadable("PAR1\x15\0\x15"s), HasSubstr("Parquet"));
  EXPECT_THAT(why_unreadable("\1\2\0\0\3\0"s), StartsWith("binary-file: "));
  EXPECT_THAT(why_unreadable("e\0v\0e\0n\0t\0"s), HasSubstr("`encoding: utf-16le`"));
}

TEST_F(Parsing, ReadsCompressedFilesByTheirBytes) {
  const std::string text = with_header("e1,,1,USD,\n");
  const std::string more = "e2,,2,USD,\n";
  EXPECT_EQ(parse_text("\xEF\xBB\xBF" + text).kept, 1);
  EXPECT_EQ(parse_text(gzip(text)).kept, 1);
  EXPECT_EQ(parse_text(gzip("\xEF\xBB\xBF" + text) + gzip(more) + "\0\0\0"s).kept, 2);
  EXPECT_EQ(parse_text(zstd(text)).kept, 1);
  EXPECT_EQ(parse_text(zstd(text) + zstd(more)).kept, 2);
}

TEST_F(Parsing, SetsAsideAWholeFileThatIsCutOffOrDamaged) {
  std::string text(kParseHeader);
  for (int i = 0; i < 100'000; ++i) text += fmt::format("e{},,{},USD,\n", i * 7919 % 100'003, i);
  for (const std::string& whole : {gzip(text), zstd(text)}) {
    for (const size_t size : {whole.size() - 1, whole.size() / 2, size_t{20}, size_t{5}}) {
      EXPECT_THAT(why_unreadable(whole.substr(0, size)), HasSubstr("the file was cut off"));
    }
    std::string damaged = whole;
    damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
    EXPECT_THAT(why_unreadable(damaged), HasSubstr("damaged"));
  }
  EXPECT_THAT(why_unreadable(gzip(text) + "garbage"), HasSubstr("other bytes follow"));
  // Nothing of a file that turned out unreadable stays behind.
  EXPECT_THAT(lake_->list_recursive("tables").value(), IsEmpty());
}

TEST_F(Parsing, ReadsJsonLinesWithoutLosingADigit) {
  source_.format.kind = "jsonl";
  add_column("id", {delta::TypeId::Long, 0, 0, {}});
  const ParsedFile parsed = parse_text(
      "{\"event_id\":\"e1\",\"cost\":1234567890123456.78,\"Note\":\"a\\u00e9\\n\",\"tags\":{\"a\":["
      "1, 2]},"
      "\"n\":1.50,\"s\":\"x\"}\n\n"
      " {\"cost\":\"2.50\",\"event_id\":17,\"currency\":null,\"id\":9223372036854775807}\r\n");
  EXPECT_EQ(rejects(parsed), std::vector<std::string>{});
  EXPECT_THAT(staged_rows(parsed, "event_id, cost, note, id, _extra"),
              ElementsAre("e1|1234567890123456.78|a\xC3\xA9\n|NULL|"
                          "{\"tags\":{\"a\":[1, 2]},\"n\":1.50,\"s\":\"x\"}",
                          "17|2.50|NULL|9223372036854775807|NULL"));
  EXPECT_THAT(parsed.unknown_columns, ElementsAre("tags", "n", "s"));
  EXPECT_THAT(parsed.missing_columns, ElementsAre("usage_date"));
}

TEST_F(Parsing, RejectsBadJsonLinesOneByOne) {
  source_.format.kind = "jsonl";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{\"event_id\":\"e\"", "bad-json"},
      {"{\"event_id\":\"e\"} x", "bad-json"},
      {"[1]", "bad-json"},
      {"17", "bad-json"},
      {"{\"event_id\":\"e\",\"cost\":01}", "bad-json"},
      {"{\"event_id\":\"e\",\"cost\":tru}", "bad-json"},
      {"{\"event_id\":\"e\",\"x\":[1 2]}", "bad-json"},
      {"{\"event_id\":\"e\",\"event_id\":\"f\"}", "duplicate-key"},
      {"{\"event_id\":\"e\",\"x\":1,\"x\":1}", "duplicate-key"},
      {"{\"event_id\":\"e\",\"cost\":{\"a\":1}}", "nested-value"},
      {"{\"event_id\":\"e\",\"cost\":0.129}", "lost-digits"},
      {"{\"event_id\":null}", "missing-value"},
      {"{\"event_id\":\"\\u0000\"}", "nul-byte"},
      {"{\"event_id\":\"\0\"}"s, "nul-byte"},
      {"{\"event_id\":\"\xFF\"}", "invalid-utf8"},
      {"{\"event_id\":\"" + std::string(9 << 20, 'x') + "\"}", "record-too-long"},
  };
  std::string text = "{\"event_id\":\"first\"}\n";
  std::vector<std::string> expected;
  for (size_t i = 0; i < cases.size(); ++i) {
    text += cases[i].first + "\n";
    expected.push_back(fmt::format("{}:{} {}", i + 2, i + 2, cases[i].second));
  }
  text += "{\"event_id\":\"last\"}";
  const ParsedFile parsed = parse_text(text);
  EXPECT_EQ(rejects(parsed), expected);
  EXPECT_THAT(staged_rows(parsed, "event_id"), ElementsAre("first", "last"));
}

TEST_F(Parsing, SetsAsideOneJsonDocumentOverManyLines) {
  source_.format.kind = "jsonl";
  EXPECT_THAT(why_unreadable("[\n{\"event_id\":1}\n]\n"), StartsWith("not-json-lines: line 1: "));
  EXPECT_THAT(why_unreadable("{\n\"event_id\":1}\n"), StartsWith("not-json-lines: line 1: "));
}

class ParquetParsing : public Parsing {
 protected:
  ParquetParsing() { source_.format.kind = "parquet"; }

  ParsedFile parse_select(const std::string& select) {
    LandedFile file = land_text("placeholder");
    const std::string path = lake_->location(file.landed_path);
    std::filesystem::remove(path);
    EXPECT_THAT(engine_->execute(fmt::format("COPY ({}) TO {} (FORMAT parquet)", select,
                                             engine::quote_text(path))),
                IsOk());
    return parse(file);
  }
};

TEST_F(ParquetParsing, TypesRowsByTheContract) {
  const ParsedFile parsed = parse_select(
      "SELECT 'e1' AS event_id, DATE '2025-01-01' AS usage_date, 1.5::DECIMAL(10,3) AS cost, "
      "{'a': [1, 2]} AS tags, 7 AS number UNION ALL SELECT 'e2', NULL, 2, NULL, NULL");
  EXPECT_EQ(rejects(parsed), std::vector<std::string>{});
  EXPECT_THAT(staged_rows(parsed, "event_id, usage_date, cost, _extra"),
              ElementsAre("e1|2025-01-01|1.50|{\"tags\":{\"a\":[1,2]},\"number\":\"7\"}",
                          "e2|NULL|2.00|{\"tags\":null,\"number\":null}"));
  EXPECT_THAT(parsed.missing_columns, ElementsAre("currency", "note"));
  EXPECT_EQ(parsed.kept_amount, (Decimal{350, 2}));
}

TEST_F(ParquetParsing, KeepsTheOrderOfManyRowsAndNumbersItsRejects) {
  const ParsedFile parsed = parse_select(
      "SELECT CASE WHEN i % 40000 = 39999 THEN NULL ELSE 'e' || i END AS event_id, "
      "(i / 1000)::DECIMAL(12,3) AS cost FROM range(100000) t(i) WHERE i % 10 = 0 OR i = 39999");
  EXPECT_THAT(rejects(parsed), ElementsAre("4001:0 missing-value lost-digits"));
  EXPECT_EQ(parsed.kept, 10'000);
  const auto rows = staged_rows(parsed, "event_id");
  for (size_t i = 0; i < rows.size(); ++i) ASSERT_EQ(rows[i], fmt::format("e{}", i * 10));
  EXPECT_EQ(parsed.rejected[0].raw, "{\"event_id\":null,\"cost\":\"39.999\"}");
}

TEST_F(ParquetParsing, SetsAsideFilesThatCarryAmountsAsFloats) {
  const ParsedFile parsed = parse_select("SELECT 'e1' AS event_id, 1.5::DOUBLE AS cost");
  ASSERT_TRUE(parsed.unreadable);
  EXPECT_EQ(parsed.rejected[0].codes[0], "float-for-decimal");
  EXPECT_THAT(parsed.rejected[0].reasons[0], HasSubstr("DOUBLE"));
}

TEST_F(ParquetParsing, TakesFloatsAsTheirShortestDecimalWhereTheSourceSaysSo) {
  const std::string select =
      "SELECT CAST(13085 AS DOUBLE) AS event_id, CAST(c AS DOUBLE) AS cost, CAST(0.1 AS FLOAT) AS "
      "number FROM (VALUES ('0.1'), ('-53594.36'), ('1e3'), ('0.1e-1'), ('nan'), ('inf'), "
      "('0.30000000000000004')) AS t(c)";
  source_.cells["cost"].values.shortest_floats = true;
  ParsedFile parsed = parse_select(select);
  EXPECT_THAT(
      staged_rows(parsed, "event_id, cost, _extra"),
      ElementsAre("13085.0|0.10|{\"number\":\"0.1\"}", "13085.0|-53594.36|{\"number\":\"0.1\"}",
                  "13085.0|1000.00|{\"number\":\"0.1\"}", "13085.0|0.01|{\"number\":\"0.1\"}"));
  EXPECT_THAT(rejects(parsed),
              ElementsAre("5:0 bad-decimal", "6:0 bad-decimal", "7:0 lost-digits"));
  source_.cells["event_id"].values.shortest_floats = true;
  parsed = parse_select(select);
  EXPECT_EQ(staged_rows(parsed, "event_id")[0], "13085");
}

TEST_F(ParquetParsing, SetsAsideFilesThatAreNoParquet) {
  EXPECT_THAT(why_unreadable("event_id,cost\n1,2\n"), StartsWith("bad-parquet: "));
  EXPECT_THAT(why_unreadable("x"), StartsWith("bad-parquet: "));
  EXPECT_THAT(why_unreadable("PAR1 cut off in the middle"), StartsWith("bad-parquet: "));
  EXPECT_THAT(why_unreadable(""), StartsWith("empty-file: "));
}

}  // namespace
}  // namespace bullion::ingest
