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

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct FreeMime {
  void operator()(curl_mime* mime) const { curl_mime_free(mime); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;
using List = std::unique_ptr<curl_slist, FreeList>;
using Mime = std::unique_ptr<curl_mime, FreeMime>;

void add(List& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) return;
  static_cast<void>(list.release());
  list.reset(longer);
}

/// Line breaks would begin a new header.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return text;
}

size_t drop_bytes(char* /*bytes*/, size_t size, size_t count, void* /*context*/) {
  return size * count;
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

Result<Easy> open_transfer(const Channel& channel, const std::string& url,
                           const Variables& variables, std::array<char, CURL_ERROR_SIZE>& reason) {
  Easy easy(curl_easy_init());
  if (!easy) return internal_error("libcurl cannot start");
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, reason.data());
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http,https,smtp,smtps");
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, drop_bytes);
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(channel.timeout_us / 1000));
  curl_easy_setopt(easy.get(), CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(channel.timeout_us / 1000));
  // libcurl would look at its own list alone; OpenSSL's variable is how others are given roots.
  const auto roots = variables("SSL_CERT_FILE");
  if (roots && !roots->empty()) curl_easy_setopt(easy.get(), CURLOPT_CAINFO, roots->c_str());
  return easy;
}

Status perform(const Easy& easy, const std::array<char, CURL_ERROR_SIZE>& reason) {
  const CURLcode code = curl_easy_perform(easy.get());
  if (code == CURLE_OK) return ok();
  return io_error(reason[0] != '\0' ? std::string(reason.data()) : curl_easy_strerror(code));
}

Status send_http(const Channel& channel, const Notice& notice, const Variables& variables) {
  BULLION_TRY_ASSIGN(const std::string url, resolved(channel.url, variables));
  List headers;
  add(headers, "Content-Type: application/json");
  for (const auto& [name, value] : channel.headers) {
    BULLION_TRY_ASSIGN(const std::string text, resolved(value, variables));
    add(headers, one_line(name + ": " + text));
  }
  const std::string body = body_of(channel, notice);
  std::array<char, CURL_ERROR_SIZE> reason{};
  BULLION_TRY_ASSIGN(const Easy easy, open_transfer(channel, url, variables, reason));
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  BULLION_TRY(perform(easy, reason));
  long code = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &code);
  if (code >= 200 && code < 300) return ok();
  return io_error(fmt::format("the server answered {} instead of 2xx", code));
}

Status send_mail(const Channel& channel, const Notice& notice, const Variables& variables) {
  BULLION_TRY_ASSIGN(const std::string url, resolved(channel.url, variables));
  BULLION_TRY_ASSIGN(const std::string user, resolved(channel.user, variables));
  BULLION_TRY_ASSIGN(const std::string password, resolved(channel.password, variables));
  BULLION_TRY_ASSIGN(const std::string from, resolved(channel.from, variables));
  std::array<char, CURL_ERROR_SIZE> reason{};
  BULLION_TRY_ASSIGN(const Easy easy, open_transfer(channel, url, variables, reason));
  if (!user.empty()) {
    curl_easy_setopt(easy.get(), CURLOPT_USERNAME, user.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_PASSWORD, password.c_str());
  }
  if (channel.starttls) curl_easy_setopt(easy.get(), CURLOPT_USE_SSL, CURLUSESSL_ALL);
  List recipients;
  std::string to;
  for (const std::string& one : channel.to) {
    add(recipients, one_line(one));
    to += (to.empty() ? "" : ", ") + one_line(one);
  }
  curl_easy_setopt(easy.get(), CURLOPT_MAIL_FROM, one_line(from).c_str());
  curl_easy_setopt(easy.get(), CURLOPT_MAIL_RCPT, recipients.get());
  List headers;
  add(headers, "From: " + one_line(from));
  add(headers, "To: " + to);
  const auto at = static_cast<time_t>(notice.at_us / 1'000'000);
  std::tm utc{};
  ::gmtime_r(&at, &utc);
  std::array<char, 64> date{};
  std::strftime(date.data(), date.size(), "%a, %d %b %Y %H:%M:%S +0000", &utc);
  add(headers, fmt::format("Date: {}", date.data()));
  add(headers, fmt::format("Message-ID: <{}-{}-{}.{}@bullion>", notice.subject.name,
                           notice.incident, to_string(notice.event), notice.at_us));
  // Only ASCII here: names of jobs and sources are, a project's name need not be.
  add(headers, fmt::format("Subject: Bullion: {} of {}", to_string(notice.event),
                           to_string(notice.subject)));
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  const std::string text = mail_text(notice);
  const Mime mime(curl_mime_init(easy.get()));
  curl_mimepart* part = curl_mime_addpart(mime.get());
  curl_mime_data(part, text.c_str(), text.size());
  curl_mime_type(part, "text/plain; charset=utf-8");
  curl_mime_encoder(part, "quoted-printable");
  curl_easy_setopt(easy.get(), CURLOPT_MIMEPOST, mime.get());
  return perform(easy, reason);
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
