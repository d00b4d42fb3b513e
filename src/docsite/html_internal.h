// Pieces of HTML. Whatever a project says becomes text, never markup.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bullion::docsite {

std::string escaped(std::string_view text);
/// Both sides are escaped.
std::string link(std::string_view to, std::string_view text);
/// A table with a heading row; cells are HTML already. "" without rows.
std::string table(const std::vector<std::string>& head,
                  const std::vector<std::vector<std::string>>& rows);
std::string heading(int level, std::string_view text, std::string_view id = {});

/// A whole page. `depth` folders below the site's root.
std::string page(std::string_view project, std::string_view title, int depth,
                 std::string_view body);

}  // namespace bullion::docsite
