#include "project/yaml_reader.h"

#include <set>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/parser.h>
#include <yaml-cpp/yaml.h>

#include "base/nearest_name.h"
#include "project/problem_internal.h"

namespace bullion::project {
namespace {

// Aliases can make a small file huge; no file of a person has this many values.
constexpr size_t kValuesMax = 100'000;
constexpr int kDepthMax = 50;

Mark to_mark(const YAML::Mark& mark) {
  if (mark.line < 0) return {};
  return {mark.line + 1, mark.column + 1};
}

class TreeBuilder {
 public:
  explicit TreeBuilder(ProblemSink& problems) : problems_(problems) {}

  YamlNode build(const YAML::Node& from, int depth) {
    YamlNode node;
    node.mark = to_mark(from.Mark());
    if (depth > kDepthMax || ++values_ > kValuesMax) {
      if (!reported_) {
        problems_.error(node.mark, "yaml-syntax",
                        fmt::format("more than {} nested levels or {} values; write it plainly, "
                                    "without aliases",
                                    kDepthMax, kValuesMax));
      }
      reported_ = true;
      return node;
    }
    if (from.IsScalar()) {
      node.kind = YamlNode::Kind::Scalar;
      node.text = from.Scalar();
      node.quoted = from.Tag() == "!";
    } else if (from.IsSequence()) {
      node.kind = YamlNode::Kind::List;
      for (const auto& item : from) node.items.push_back(build(item, depth + 1));
    } else if (from.IsMap()) {
      node.kind = YamlNode::Kind::Map;
      build_entries(from, depth, node);
    }
    return node;
  }

 private:
  void build_entries(const YAML::Node& from, int depth, YamlNode& node) {
    std::set<std::string> seen;
    for (const auto& entry : from) {
      const Mark mark = to_mark(entry.first.Mark());
      if (!entry.first.IsScalar()) {
        problems_.error(mark, "yaml-type", "a key must be plain text");
        continue;
      }
      const std::string key = entry.first.Scalar();
      if (!seen.insert(key).second) {
        problems_.error(mark, "yaml-duplicate-key",
                        fmt::format("key `{}` is written twice; keep one of them", key));
        continue;
      }
      YamlNode value = build(entry.second, depth + 1);
      // An absent value has no place of its own: the key's is where to look.
      if (value.kind == YamlNode::Kind::Null) value.mark = mark;
      node.entries.push_back({key, mark, std::move(value)});
    }
  }

  ProblemSink& problems_;
  size_t values_ = 0;
  bool reported_ = false;
};

/// Keeps where a document begins and nothing else of it.
class DocumentStart : public YAML::EventHandler {
 public:
  YAML::Mark mark;

  void OnDocumentStart(const YAML::Mark& start) override { mark = start; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

/// A second document is an error. YAML::LoadAll cannot be asked: at text that begins no value, as a
/// stray comma, the parser gives empty documents without moving on, and LoadAll collects them
/// until memory ends.
void refuse_second_document(const std::string& text, ProblemSink& problems) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentStart document;
  if (!parser.HandleNextDocument(document) || !parser.HandleNextDocument(document)) return;
  problems.error(to_mark(document.mark), "yaml-syntax",
                 "a second document begins here; write one document per file");
}

}  // namespace

YamlNode read_yaml(std::string_view text, ProblemSink& problems) {
  // yaml-cpp throws; nothing of it may pass this function.
  try {
    const std::string owned(text);
    refuse_second_document(owned, problems);
    return TreeBuilder(problems).build(YAML::Load(owned), 0);
  } catch (const YAML::Exception& error) {
    problems.error(to_mark(error.mark), "yaml-syntax",
                   fmt::format("not valid YAML: {}", error.msg));
  } catch (const std::exception& error) {
    problems.error({}, "yaml-syntax", fmt::format("not valid YAML: {}", error.what()));
  }
  return {};
}

std::string_view kind_name(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::Null:
      return "nothing";
    case YamlNode::Kind::Scalar:
      return "text";
    case YamlNode::Kind::List:
      return "a list";
    case YamlNode::Kind::Map:
      return "a mapping";
  }
  return "";
}

MapReader::MapReader(const YamlNode& node, std::string what, ProblemSink& problems)
    : node_(&node), what_(std::move(what)), problems_(&problems) {
  if (node.kind != YamlNode::Kind::Map && node.kind != YamlNode::Kind::Null) {
    problems.error(node.mark, "yaml-type",
                   fmt::format("{} must be a mapping (`key: value` lines), found {}", what_,
                               kind_name(node.kind)));
  }
}

const YamlNode* MapReader::find(const std::string& key) const {
  for (const YamlEntry& entry : node_->entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

const YamlNode* MapReader::take(const std::string& key) {
  if (!contains(known_, key)) known_.push_back(key);
  return find(key);
}

bool MapReader::has(const std::string& key) const { return find(key) != nullptr; }

std::string MapReader::text(const std::string& key, const std::string& fallback) {
  const YamlNode* value = take(key);
  if (value == nullptr || value->kind == YamlNode::Kind::Null) return fallback;
  if (value->kind != YamlNode::Kind::Scalar) {
    problems_->error(
        value->mark, "yaml-type",
        fmt::format("`{}` of {} must be text, found {}", key, what_, kind_name(value->kind)));
    return fallback;
  }
  return value->text;
}

std::string MapReader::required_text(const std::string& key) {
  const YamlNode* value = take(key);
  std::string out = text(key);
  const bool reported = value != nullptr && value->kind != YamlNode::Kind::Null &&
                        value->kind != YamlNode::Kind::Scalar;
  if (out.empty() && !reported && (node_->kind == YamlNode::Kind::Map)) {
    problems_->error(mark_of(key), "yaml-missing-key", fmt::format("{} needs a `{}`", what_, key));
  }
  return out;
}

bool MapReader::flag(const std::string& key, bool fallback) {
  const YamlNode* value = take(key);
  if (value == nullptr || value->kind == YamlNode::Kind::Null) return fallback;
  const std::string word = lower(value->text);
  if (value->kind == YamlNode::Kind::Scalar && !value->quoted) {
    if (word == "true") return true;
    if (word == "false") return false;
  }
  problems_->error(
      value->mark, "yaml-type",
      fmt::format("`{}` of {} must be true or false, found {}", key, what_,
                  value->kind == YamlNode::Kind::Scalar ? "`" + value->text + "`"
                                                        : std::string(kind_name(value->kind))));
  return fallback;
}

std::vector<std::string> MapReader::texts(const std::string& key) {
  const YamlNode* value = take(key);
  std::vector<std::string> out;
  if (value == nullptr || value->kind == YamlNode::Kind::Null) return out;
  if (value->kind == YamlNode::Kind::Scalar) return {value->text};
  if (value->kind == YamlNode::Kind::Map) {
    problems_->error(value->mark, "yaml-type",
                     fmt::format("`{}` of {} must be a list, found a mapping", key, what_));
    return out;
  }
  for (const YamlNode& item : value->items) {
    if (item.kind == YamlNode::Kind::Scalar) {
      out.push_back(item.text);
    } else {
      problems_->error(item.mark, "yaml-type",
                       fmt::format("each item of `{}` of {} must be text, found {}", key, what_,
                                   kind_name(item.kind)));
    }
  }
  return out;
}

std::string MapReader::choice(const std::string& key, const std::vector<std::string>& choices,
                              const std::string& fallback) {
  const std::string value = text(key, fallback);
  if (contains(choices, value) || value == fallback) return value;
  problems_->error(mark_of(key), "yaml-value",
                   fmt::format("`{}` of {} is `{}`{}; expected one of: {}", key, what_, value,
                               did_you_mean(value, choices), join_names(choices)));
  return fallback;
}

Mark MapReader::mark_of(const std::string& key) const {
  const YamlNode* value = find(key);
  return value != nullptr ? value->mark : node_->mark;
}

Mark MapReader::mark_of(const std::string& key, size_t index) const {
  const YamlNode* value = find(key);
  if (value == nullptr) return node_->mark;
  size_t scalars = 0;
  for (const YamlNode& item : value->items) {
    if (item.kind == YamlNode::Kind::Scalar && scalars++ == index) return item.mark;
  }
  return value->mark;
}

void MapReader::finish() {
  for (const YamlEntry& entry : node_->entries) {
    if (contains(known_, entry.key)) continue;
    problems_->error(entry.mark, "yaml-unknown-key",
                     fmt::format("unknown key `{}` in {}{}; expected one of: {}", entry.key, what_,
                                 did_you_mean(entry.key, known_), join_names(known_)));
  }
}

}  // namespace bullion::project
