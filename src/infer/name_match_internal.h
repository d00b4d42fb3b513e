// Header names as people write them: to column names, and how alike two of them are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bullion::infer {

/// "Net amount", "NetAmount", " net_amount " -> "net_amount". "" when nothing is left.
std::string column_name(std::string_view header);

/// Only letters and digits, in lower case: what two spellings of a name have in common.
std::string compact_name(std::string_view header);

/// Lower-case words: "Invoice Line Value (net of VAT)" -> invoice, line, value, net, of, vat.
std::vector<std::string> words_of(std::string_view header);

/// Whether most words are ones that headers of financial tables have.
bool is_known_header(std::string_view header);

/// Of 1000. Equal spellings are 1000; a misspelling is above 800; names that share a word, or one
/// of the same meaning (supplier, vendor, payee), are between 300 and 700.
int name_likeness(std::string_view a, std::string_view b);

/// The spelling with more known words; `a` of equals.
std::string_view better_spelling(std::string_view a, std::string_view b);

/// How often one letter must be inserted, removed, changed or swapped with its neighbour.
size_t edit_distance(std::string_view a, std::string_view b);

/// Words of a meaning.
bool names_amount(std::string_view header);  ///< money
bool names_currency(std::string_view header);
bool names_date(std::string_view header);
bool names_identity(std::string_view header);  ///< id, number, code, reference, account ...
bool names_version(std::string_view header);   ///< version, updated, modified ...
/// A month or a year as the name of a column: "Jan", "2024-01", "Jan-24", "2019", "Q1 2020".
bool names_period(std::string_view header);

}  // namespace bullion::infer
