#include "schedule/delivery.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/date.h"

namespace bullion::schedule {
namespace {

struct FreeMime {
  void operator()(curl_mime* mime) const { curl_mime_free(mime); }
};
using Mime = std::unique_ptr<curl_mime, FreeMime>;

/// Line breaks would begin a new header.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return text;
}

/// Replaces the values of the variables in a text by their names.
std::string masked(std::string text, const Channel& channel, const Variables& variables) {
  std::vector<std::string> templates{channel.url, channel.user, channel.password, channel.from};
  for (const auto& [name, value] : channel.headers) templates.push_back(value);
  for (const std::string& holder : templates) {
    for (size_t at = holder.find("${"); at != std::string::npos; at = holder.find("${", at + 1)) {
      const std::string name = holder.substr(at + 2, holder.find('}', at) - at - 2);
      const std::string value = variables(name).value_or("");
      if (value.empty()) continue;
      for (size_t hit = text.find(value); hit != std::string::npos; hit = text.find(value, hit)) {
        text.replace(hit, value.size(), "${" + name + "}");
        hit += name.size() + 3;
      }
    }
  }
  return text;
}

Result<transfer::Transfer> open_transfer(const Channel& channel, const Variables& variables) {
  BULLION_TRY_ASSIGN(const std::string url, resolved(channel.url, variables));
  return transfer::Transfer::open({url, "http,https,smtp,smtps", channel.timeout_us}, variables);
}

Status send_http(const Channel& channel, const Notice& notice, const Variables& variables) {
  BULLION_TRY_ASSIGN(auto transfer, open_transfer(channel, variables));
  transfer.add_header("Content-Type: application/json");
  for (const auto& [name, value] : channel.headers) {
    BULLION_TRY_ASSIGN(const std::string text, resolved(value, variables));
    transfer.add_header(one_line(name + ": " + text));
  }
  return transfer.post(body_of(channel, notice));
}

Status send_mail(const Channel& channel, const Notice& notice, const Variables& variables) {
  BULLION_TRY_ASSIGN(auto transfer, open_transfer(channel, variables));
  BULLION_TRY_ASSIGN(const std::string user, resolved(channel.user, variables));
  BULLION_TRY_ASSIGN(const std::string password, resolved(channel.password, variables));
  BULLION_TRY_ASSIGN(const std::string from, resolved(channel.from, variables));
  CURL* easy = transfer.handle();
  if (!user.empty()) {
    curl_easy_setopt(easy, CURLOPT_USERNAME, user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, password.c_str());
  }
  if (channel.starttls) curl_easy_setopt(easy, CURLOPT_USE_SSL, CURLUSESSL_ALL);
  transfer::TextList recipients;
  std::string to;
  for (const std::string& one : channel.to) {
    recipients.add(one_line(one));
    to += (to.empty() ? "" : ", ") + one_line(one);
  }
  curl_easy_setopt(easy, CURLOPT_MAIL_FROM, one_line(from).c_str());
  curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, recipients.get());
  transfer.add_header("From: " + one_line(from));
  transfer.add_header("To: " + to);
  const auto at = static_cast<time_t>(notice.at_us / 1'000'000);
  std::tm utc{};
  ::gmtime_r(&at, &utc);
  std::array<char, 64> date{};
  std::strftime(date.data(), date.size(), "%a, %d %b %Y %H:%M:%S +0000", &utc);
  transfer.add_header(fmt::format("Date: {}", date.data()));
  transfer.add_header(fmt::format("Message-ID: <{}-{}-{}.{}@bullion>", notice.subject.name,
                                  notice.incident, to_string(notice.event), notice.at_us));
  // Only ASCII here: names of jobs and sources are, a project's name need not be.
  transfer.add_header(fmt::format("Subject: Bullion: {} of {}", to_string(notice.event),
                                  to_string(notice.subject)));
  const std::string text = mail_text(notice);
  const Mime mime(curl_mime_init(easy));
  curl_mimepart* part = curl_mime_addpart(mime.get());
  curl_mime_data(part, text.c_str(), text.size());
  curl_mime_type(part, "text/plain; charset=utf-8");
  curl_mime_encoder(part, "quoted-printable");
  curl_easy_setopt(easy, CURLOPT_MIMEPOST, mime.get());
  return transfer.perform();
}

Status append_line(const std::string& path, const std::string& line) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return io_error(fmt::format("{}: {}", path, std::strerror(errno)));
  // One write, so that lines of several processes do not mix.
  const ssize_t written = ::write(file, line.data(), line.size());
  const bool whole = written == static_cast<ssize_t>(line.size()) && ::fsync(file) == 0;
  const std::string reason = std::strerror(errno);
  ::close(file);
  return whole ? ok() : Status(io_error(fmt::format("{}: {}", path, reason)));
}

}  // namespace

Result<std::string> resolved(const std::string& text, const Variables& variables) {
  std::string out;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = text.compare(at, 2, "${") == 0 ? text.find('}', at) : std::string::npos;
    if (end == std::string::npos) {
      out += text[at++];
      continue;
    }
    const std::string name = text.substr(at + 2, end - at - 2);
    const auto value = variables(name);
    if (!value) {
      return not_found(fmt::format(
          "the environment variable `{}` is not set; set it where the scheduler runs", name));
    }
    out += *value;
    at = end + 1;
  }
  return out;
}

std::string body_of(const Channel& channel, const Notice& notice) {
  if (channel.kind == ChannelKind::Slack) {
    return nlohmann::json{{"text", "Bullion " + headline(notice)}}.dump();
  }
  return to_json(notice).dump();
}

std::string mail_text(const Notice& notice) {
  return fmt::format("{}\r\n\r\nIncident {} of {}\r\nAt {}\r\n{}", headline(notice),
                     notice.incident, to_string(notice.subject), format_timestamp(notice.at_us),
                     notice.run_id.empty() ? "" : fmt::format("Run {}\r\n", notice.run_id));
}

Status send_notice(const Channel& channel, const Notice& notice, const Variables& variables) {
  Status sent = ok();
  switch (channel.kind) {
    case ChannelKind::Webhook:
    case ChannelKind::Slack:
      sent = send_http(channel, notice, variables);
      break;
    case ChannelKind::Smtp:
      sent = send_mail(channel, notice, variables);
      break;
    case ChannelKind::File:
      sent = append_line(channel.path, body_of(channel, notice) + "\n");
      break;
  }
  if (sent) return sent;
  return Error(sent.error().kind(), masked(sent.error().message(), channel, variables))
      .within("alert channel " + channel.name);
}

}  // namespace bullion::schedule
