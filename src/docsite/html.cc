#include <fmt/format.h>

#include "docsite/html_internal.h"

namespace bullion::docsite {
namespace {

constexpr std::string_view kStyle =
    "body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:76rem;padding:0 1rem 4rem;"
    "color:#1b1f24;background:#fff}"
    "nav{padding:.75rem 0;border-bottom:1px solid #c9ced6}nav a{margin-right:1.25rem}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;"
    "border-bottom:1px solid #e3e6ea;overflow-wrap:anywhere}"
    "pre{background:#f4f5f7;padding:.75rem;overflow:auto}a{color:#0a4fa8}"
    ".muted{color:#59616b}"
    "@media(prefers-color-scheme:dark){body{color:#e6e8eb;background:#15181c}a{color:#8ab8ff}"
    "pre{background:#20252b}.muted{color:#a4acb6}nav,th,td{border-color:#3a4149}}";

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string link(std::string_view to, std::string_view text) {
  return fmt::format(R"(<a href="{}">{}</a>)", escaped(to), escaped(text));
}

std::string table(const std::vector<std::string>& head,
                  const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty()) return "";
  std::string out = "<table>\n<tr>";
  for (const std::string& cell : head) out += "<th scope=\"col\">" + escaped(cell) + "</th>";
  out += "</tr>\n";
  for (const auto& row : rows) {
    out += "<tr>";
    for (const std::string& cell : row) out += "<td>" + cell + "</td>";
    out += "</tr>\n";
  }
  return out + "</table>\n";
}

std::string heading(int level, std::string_view text, std::string_view id) {
  const std::string anchor = id.empty() ? "" : fmt::format(R"( id="{}")", escaped(id));
  return fmt::format("<h{0}{1}>{2}</h{0}>\n", level, anchor, escaped(text));
}

std::string page(std::string_view project, std::string_view title, int depth,
                 std::string_view body) {
  std::string up;
  for (int i = 0; i < depth; ++i) up += "../";
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{} - {}</title>\n<style>{}</style>\n</head>\n<body>\n"
      "<nav><a href=\"{}index.html\">Tables</a><a href=\"{}metrics.html\">Metrics</a>"
      "<a href=\"{}tests.html\">Tests</a><a href=\"{}owners.html\">Owners</a>"
      "<a href=\"{}lineage.html\">Lineage</a></nav>\n<main>\n<h1>{}</h1>\n{}</main>\n"
      "</body>\n</html>\n",
      escaped(title), escaped(project), kStyle, up, up, up, up, up, escaped(title), body);
}

}  // namespace bullion::docsite
