#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <set>

#include "infer/cell_shape_internal.h"
#include "infer/name_match_internal.h"
#include "records/header.h"

namespace bullion::infer {
namespace {

using Words = std::set<std::string_view>;

/// Words of one meaning stand in one line; the first is what they are compared as.
const std::vector<std::vector<std::string_view>>& meanings() {
  static const std::vector<std::vector<std::string_view>> kMeanings{
      {"supplier", "vendor", "payee", "beneficiary", "creditor", "merchant", "company"},
      {"amount", "amt", "value", "spend", "cost", "betrag", "importe", "montant", "belopp", "kwota",
       "bedrag", "castka", "summe", "umsatz"},
      {"gross"},
      {"net"},
      {"vat", "tax"},
      {"total"},
      {"date", "day", "datum", "fecha", "data", "pvm", "dato"},
      {"number", "no", "nr", "num", "nummer"},
      {"document", "doc", "invoice"},
      {"description", "descript", "desc", "descr", "text", "narrative", "details", "memo", "note",
       "beschreibung", "omschrijving"},
      {"paid", "payment", "pay", "pmt"},
      {"transaction", "trans", "txn"},
      {"directorate", "department", "dept", "division", "unit", "service", "area"},
      {"expense", "expenses", "expenditure"},
      {"account", "acct", "acc", "konto", "rekening"},
      {"currency", "cur", "ccy", "waehrung", "wahrung", "valuta", "munt"},
      {"id", "identifier", "key", "uid", "guid"},
      {"code"},
      {"name", "label", "title"},
      {"category", "type", "class", "kind"},
      {"reference", "ref"},
      {"balance", "saldo"},
      {"price", "rate"},
      {"quantity", "qty", "count"},
      {"version", "revision", "rev"},
      {"updated", "modified", "changed"}};
  return kMeanings;
}

const std::map<std::string_view, std::string_view>& meaning_of_word() {
  static const std::map<std::string_view, std::string_view> kWords = [] {
    std::map<std::string_view, std::string_view> words;
    for (const auto& line : meanings()) {
      for (const std::string_view word : line) words.emplace(word, line.front());
    }
    return words;
  }();
  return kWords;
}

/// Further words that headers have, without a meaning of their own here.
const Words& other_words() {
  static const Words kWords{"address",  "body",          "book",         "booking",
                            "budget",   "business",      "capital",      "card",
                            "cash",     "centre",        "center",       "charge",
                            "city",     "clearing",      "client",       "column",
                            "comments", "commission",    "contract",     "country",
                            "credit",   "customer",      "debit",        "detailed",
                            "due",      "effective",     "email",        "end",
                            "entry",    "event",         "family",       "fee",
                            "fees",     "first",         "from",         "fund",
                            "iban",     "irrecoverable", "item",         "item",
                            "label",    "last",          "ledger",       "level",
                            "line",     "method",        "month",        "operation",
                            "order",    "organisation",  "organization", "organisational",
                            "owner",    "period",        "phone",        "postcode",
                            "posting",  "process",       "procurement",  "product",
                            "project",  "purchase",      "purpose",      "recipient",
                            "region",   "revenue",       "sender",       "sheet",
                            "start",    "state",         "status",       "sub",
                            "subject",  "time",          "timestamp",    "to",
                            "units",    "url",           "usage",        "user",
                            "year",     "zip",           "authority",    "gl",
                            "resource", "sku",           "region",       "tag",
                            "tags",     "billing",       "provider",     "publisher",
                            "pricing",  "list",          "sequence",     "symbol",
                            "bank",     "branch"};
  return kWords;
}

std::string_view meaning(std::string_view word) {
  const auto found = meaning_of_word().find(word);
  return found == meaning_of_word().end() ? word : found->second;
}

bool is_known_word(std::string_view word) {
  return meaning_of_word().contains(word) || other_words().contains(word);
}

bool has_meaning(std::string_view header, std::initializer_list<std::string_view> wanted) {
  for (const std::string& word : words_of(header)) {
    if (std::find(wanted.begin(), wanted.end(), meaning(word)) != wanted.end()) return true;
  }
  return false;
}

/// A letter with a mark as its plain letters, from U+00C0 on; "" for others.
std::string_view plain_letter(unsigned char lead, unsigned char trail) {
  static constexpr std::array<std::string_view, 64> kLetters{
      "a", "a", "a", "a", "ae", "a", "ae", "c", "e", "e", "e", "e", "i",  "i", "i",  "i",
      "d", "n", "o", "o", "o",  "o", "oe", "",  "o", "u", "u", "u", "ue", "y", "th", "ss",
      "a", "a", "a", "a", "ae", "a", "ae", "c", "e", "e", "e", "e", "i",  "i", "i",  "i",
      "d", "n", "o", "o", "o",  "o", "oe", "",  "o", "u", "u", "u", "ue", "y", "th", "y"};
  if (lead != 0xC3U || trail < 0x80U) return "";
  return kLetters[trail - 0x80U];
}

}  // namespace

std::vector<std::string> words_of(std::string_view header) {
  header = records::without_byte_order_marks(header);
  std::vector<std::string> words(1);
  bool before_is_lower = false;
  for (size_t i = 0; i < header.size(); ++i) {
    const char c = header[i];
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool is_lower = c >= 'a' && c <= 'z';
    const bool is_digit = c >= '0' && c <= '9';
    const bool next_is_lower =
        i + 1 < header.size() && header[i + 1] >= 'a' && header[i + 1] <= 'z';
    const bool before_is_letter = !words.back().empty();
    // NetAmount, and the last capital of VATAmount, begin words.
    if (is_upper && before_is_letter &&
        (before_is_lower ||
         (next_is_lower && i > 0 && header[i - 1] >= 'A' && header[i - 1] <= 'Z')))
      words.emplace_back();
    if (is_upper || is_lower || is_digit) {
      words.back() += is_upper ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (static_cast<unsigned char>(c) >= 0x80U) {
      const auto trail = i + 1 < header.size() ? static_cast<unsigned char>(header[i + 1]) : 0;
      words.back() +=
          plain_letter(static_cast<unsigned char>(c), static_cast<unsigned char>(trail));
    } else if (c != '\'' && !words.back().empty()) {
      words.emplace_back();
    }
    before_is_lower = is_lower || is_digit;
  }
  // G/L is one word.
  if (words.size() > 2 && words[0] == "g" && words[1] == "l") {
    words.erase(words.begin());
    words[0] = "gl";
  }
  std::erase(words, "");
  return words;
}

std::string column_name(std::string_view header) {
  std::string name;
  for (const std::string& word : words_of(header)) name += (name.empty() ? "" : "_") + word;
  if (!name.empty() && name[0] >= '0' && name[0] <= '9') name.insert(0, "c_");
  return name;
}

std::string compact_name(std::string_view header) {
  std::string name;
  for (const std::string& word : words_of(header)) name += word;
  return name;
}

bool is_known_header(std::string_view header) {
  const auto words = words_of(header);
  const auto known = std::count_if(words.begin(), words.end(),
                                   [](const std::string& word) { return is_known_word(word); });
  return known > 0 && 2 * known >= static_cast<std::ptrdiff_t>(words.size());
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  std::vector<size_t> next(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      next[j] =
          std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before = row;
    row = next;
  }
  return row[b.size()];
}

int name_likeness(std::string_view a, std::string_view b) {
  const std::string x = compact_name(a);
  const std::string y = compact_name(b);
  if (x.empty() || y.empty()) return 0;
  if (x == y) return 1000;
  const size_t longer = std::max(x.size(), y.size());
  const size_t edits = edit_distance(x, y);
  if (longer >= 5 && edits <= 1 + longer / 12) return 950 - static_cast<int>(edits) * 30;
  std::set<std::string> mine;
  std::set<std::string> theirs;
  for (const std::string& word : words_of(a)) mine.emplace(meaning(word));
  for (const std::string& word : words_of(b)) theirs.emplace(meaning(word));
  std::vector<std::string> shared;
  std::set_intersection(mine.begin(), mine.end(), theirs.begin(), theirs.end(),
                        std::back_inserter(shared));
  // An id of one thing is not the id of another.
  static const Words kGeneric{"id", "code", "number", "name", "date", "category", "description"};
  const bool is_generic = std::all_of(shared.begin(), shared.end(), [](const std::string& word) {
    return kGeneric.contains(word);
  });
  if (is_generic && mine.size() > shared.size() && theirs.size() > shared.size()) return 0;
  const size_t all = mine.size() + theirs.size() - shared.size();
  const int words = static_cast<int>(700 * shared.size() / all);
  const int prefix = x.starts_with(y) || y.starts_with(x) ? 500 : 0;
  return std::max(words, prefix);
}

std::string_view better_spelling(std::string_view a, std::string_view b) {
  const auto known = [](std::string_view header) {
    const auto words = words_of(header);
    return std::count_if(words.begin(), words.end(),
                         [](const std::string& word) { return is_known_word(word); });
  };
  return known(b) > known(a) ? b : a;
}

bool names_amount(std::string_view header) {
  const auto words = words_of(header);
  // A cost centre and an amount code are no amounts.
  static const Words kOthers{"centre",   "center", "element",     "code", "type",
                             "category", "desc",   "description", "id",   "name",
                             "currency", "cur",    "ccy",         "date"};
  if (words.empty() || kOthers.contains(words.back())) return false;
  return has_meaning(header, {"amount", "gross", "net", "total", "debit", "credit", "vat"});
}
bool names_currency(std::string_view header) { return has_meaning(header, {"currency"}); }
bool names_date(std::string_view header) {
  return has_meaning(header, {"date", "period", "month", "time", "timestamp"});
}
bool names_identity(std::string_view header) {
  return has_meaning(
      header, {"id", "number", "code", "reference", "account", "card", "phone", "iban", "zip",
               "postcode", "sku", "order", "symbol", "year", "element"});
}
bool names_version(std::string_view header) {
  return has_meaning(header, {"version", "updated", "sequence"}) ||
         compact_name(header).find("ingest") != std::string::npos;
}

bool names_period(std::string_view header) {
  static constexpr std::array<std::string_view, 12> kMonths{
      "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
  const auto words = words_of(header);
  if (words.empty() || words.size() > 3) return false;
  bool has_period = false;
  for (const std::string& word : words) {
    const bool is_month = word.size() >= 3 &&
                          std::any_of(kMonths.begin(), kMonths.end(), [&](std::string_view month) {
                            return word.starts_with(month) && word.size() <= 9;
                          });
    const bool is_digits = word.find_first_not_of("0123456789") == std::string::npos;
    const bool is_year = is_digits && word.size() == 4 && (word[0] == '1' || word[0] == '2');
    const bool is_quarter = word.size() == 2 && word[0] == 'q' && word[1] >= '1' && word[1] <= '4';
    const bool is_year_prefix = word == "fy" || word == "y" || word == "year";
    const bool is_split_month = word.size() == 5 && is_month;  // jan24
    if (!is_month && !is_year && !is_quarter && !is_year_prefix && !is_split_month &&
        !(is_digits && word.size() <= 2 && words.size() > 1)) {
      return false;
    }
    has_period |= is_month || is_year || is_quarter;
  }
  return has_period;
}

}  // namespace bullion::infer
