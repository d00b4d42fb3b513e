// Alert channels of schedule.yml.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "base/nearest_name.h"
#include "schedule/config_reader_internal.h"

namespace bullion::schedule {
namespace {

using project::MapReader;
using project::ProblemSink;

bool has_variable(std::string_view text) {
  const size_t begin = text.find("${");
  return begin != std::string_view::npos && text.find('}', begin) != std::string_view::npos;
}

void read_events(MapReader& entry, ProblemSink& problems, Channel& channel) {
  const std::vector<std::string> names{"failure", "blocked", "late", "recovered"};
  const std::vector<std::string> texts = entry.texts("events");
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto found = std::find(names.begin(), names.end(), texts[i]);
    if (found == names.end()) {
      problems.error(entry.mark_of("events", i), "yaml-value",
                     fmt::format("event `{}`{}; expected failure, blocked, late or recovered",
                                 texts[i], did_you_mean(texts[i], names)));
    } else {
      channel.events.push_back(static_cast<Event>(found - names.begin()));
    }
  }
}

/// A URL with one of the schemes, and without a password in the clear.
void read_url(MapReader& entry, const std::vector<std::string>& schemes, ProblemSink& problems,
              Channel& channel) {
  channel.url = entry.required_text("url");
  if (channel.url.empty()) return;
  const bool known = channel.url.starts_with("${") ||
                     std::any_of(schemes.begin(), schemes.end(), [&](const std::string& scheme) {
                       return channel.url.starts_with(scheme);
                     });
  if (!known) {
    // The text may be a secret pasted in by mistake, so the message does not repeat it.
    problems.error(entry.mark_of("url"), "yaml-value",
                   fmt::format("`url` must begin with {} or be a variable such as ${{ALERT_URL}}",
                               fmt::format("{}", fmt::join(schemes, " or "))));
  }
  const size_t host = channel.url.find("://");
  const size_t at = channel.url.find('@');
  if (host != std::string::npos && at != std::string::npos &&
      at < channel.url.find('/', host + 3)) {
    problems.error(entry.mark_of("url"), "secret-in-file",
                   "`url` holds a user or a password; use `user` and `password`, or a header, with "
                   "a variable such as ${ALERT_PASSWORD}");
  }
}

void read_headers(MapReader& entry, ProblemSink& problems, Channel& channel) {
  const project::YamlNode* node = entry.take("headers");
  if (node == nullptr) return;
  const MapReader shape(*node, "`headers`", problems);
  for (const project::YamlEntry& header : node->entries) {
    const bool secret = header.key.find("uthorization") != std::string::npos ||
                        header.key.find("oken") != std::string::npos ||
                        header.key.find("ey") != std::string::npos;
    if (secret && !has_variable(header.value.text)) {
      problems.error(header.value.mark, "secret-in-file",
                     fmt::format("header `{}` is a secret; write it as a variable such as "
                                 "${{ALERT_TOKEN}} and set that in the environment",
                                 header.key));
    }
    channel.headers[header.key] = header.value.text;
  }
}

void read_smtp(MapReader& entry, ProblemSink& problems, Channel& channel) {
  read_url(entry, {"smtp://", "smtps://"}, problems, channel);
  channel.from = entry.required_text("from");
  channel.to = entry.texts("to");
  if (channel.to.empty()) {
    problems.error(entry.mark_of("to"), "yaml-missing-key", "an smtp channel needs a `to`");
  }
  channel.user = entry.text("user");
  channel.password = entry.text("password");
  channel.starttls = entry.flag("starttls", false);
  if (!channel.password.empty() && !has_variable(channel.password)) {
    problems.error(
        entry.mark_of("password"), "secret-in-file",
        "`password` is a secret; write it as a variable such as ${SMTP_PASSWORD} and set "
        "that in the environment");
  }
}

}  // namespace

Channel read_channel(const std::string& folder, MapReader& entry, ProblemSink& problems) {
  Channel channel;
  channel.name = entry.required_text("name");
  const std::string kind = entry.choice("kind", {"webhook", "slack", "smtp", "file"}, "");
  read_events(entry, problems, channel);
  channel.timeout_us = read_duration(entry, "timeout", channel.timeout_us, problems);
  if (kind == "webhook" || kind == "slack") {
    channel.kind = kind == "slack" ? ChannelKind::Slack : ChannelKind::Webhook;
    read_url(entry, {"http://", "https://"}, problems, channel);
    read_headers(entry, problems, channel);
  } else if (kind == "smtp") {
    channel.kind = ChannelKind::Smtp;
    read_smtp(entry, problems, channel);
  } else if (kind == "file") {
    const std::string path = entry.required_text("path");
    if (!path.empty()) channel.path = (std::filesystem::path(folder) / path).lexically_normal();
  } else if (!entry.has("kind")) {
    problems.error(entry.mark(), "yaml-missing-key",
                   "an alert channel needs a `kind`: webhook, slack, smtp or file");
  }
  return channel;
}

}  // namespace bullion::schedule
