#include "dictcli/session_file.h"

#include <algorithm>
#include <string_view>

namespace dictcli {
namespace {

constexpr const char* kFile = "sessions";

struct Record {
  std::string_view server, user, token;
};

// Views into the line.
std::optional<Record> parse(std::string_view line) {
  const std::size_t first = line.find('\t');
  const std::size_t last = line.rfind('\t');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  return Record{line.substr(0, first), line.substr(first + 1, last - first - 1), line.substr(last + 1)};
}

void drop(StateDirectory::Lines& lines, std::string_view server, std::string_view user) {
  std::erase_if(lines, [&](const std::string& line) {
    const auto record = parse(line);
    return !record || (record->server == server && record->user == user);
  });
}

}  // namespace

std::optional<RememberedLogin> SessionFile::find(const std::optional<std::string>& user) const {
  std::optional<RememberedLogin> last;
  for (const std::string& line : directory_.read(kFile)) {
    const auto record = parse(line);
    if (!record || record->server != server_ || (user && record->user != *user)) continue;
    last = {std::string(record->user), std::string(record->token)};
  }
  return last;
}

tl::expected<void, std::error_code> SessionFile::remember(const RememberedLogin& login) const {
  return directory_.update(kFile, [&](StateDirectory::Lines& lines) {
    drop(lines, server_, login.user);
    lines.push_back(server_ + '\t' + login.user + '\t' + login.token);
  });
}

tl::expected<void, std::error_code> SessionFile::forget(const std::string& user) const {
  if (!find(user)) return {};
  return directory_.update(kFile, [&](StateDirectory::Lines& lines) { drop(lines, server_, user); });
}

}  // namespace dictcli
