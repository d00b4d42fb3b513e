// YAML as a plain tree with the place of every key and value, and a reader that refuses unknown
// keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "project/problem_sink.h"

namespace bullion::project {

struct YamlEntry;

/// One value of a YAML document. A value that is not there (`key:`) is Null.
struct YamlNode {
  enum class Kind { Null, Scalar, List, Map };
  Kind kind = Kind::Null;
  std::string text = {};  ///< Scalar
  bool quoted = false;    ///< Scalar in quotes: text, never a number or a boolean
  Mark mark = {};
  std::vector<YamlNode> items;     ///< List
  std::vector<YamlEntry> entries;  ///< Map, in the order of the file
};

struct YamlEntry {
  std::string key;
  Mark mark;
  YamlNode value;
};

/// Parses one document. Syntax errors, duplicate keys and a second document become problems;
/// the tree is Null after a syntax error.
YamlNode read_yaml(std::string_view text, ProblemSink& problems);

/// Reads the keys of one mapping: each is taken by name, and finish() reports those never asked
/// for. The node must outlive the reader. A node that is no mapping is reported once and reads as
/// empty.
class MapReader {
 public:
  /// `what` ends a sentence: "unknown key `x` in <what>".
  MapReader(const YamlNode& node, std::string what, ProblemSink& problems);

  /// The value of a key; nullptr when the key is absent.
  const YamlNode* take(const std::string& key);
  /// A scalar as text; `fallback` when absent, null or of another kind (which is reported).
  std::string text(const std::string& key, const std::string& fallback = "");
  /// text() that reports a missing or empty value.
  std::string required_text(const std::string& key);
  bool flag(const std::string& key, bool fallback);
  /// A scalar or a list of scalars.
  std::vector<std::string> texts(const std::string& key);
  /// One of `choices`; anything else is reported with the nearest of them.
  std::string choice(const std::string& key, const std::vector<std::string>& choices,
                     const std::string& fallback);
  /// Where the value of a key is, or where the mapping begins.
  Mark mark_of(const std::string& key) const;
  /// Where the i-th text of texts(key) is.
  Mark mark_of(const std::string& key, size_t index) const;
  bool has(const std::string& key) const;
  /// Reports the keys that nobody took.
  void finish();
  Mark mark() const { return node_->mark; }

 private:
  const YamlNode* find(const std::string& key) const;

  const YamlNode* node_;
  std::string what_;
  ProblemSink* problems_;
  std::vector<std::string> known_;
};

/// "a list", "a mapping", "text": for messages.
std::string_view kind_name(YamlNode::Kind kind);

}  // namespace bullion::project
