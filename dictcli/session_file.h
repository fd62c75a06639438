// The logins that this computer remembers: a token for each server and user, never a password.
//
// File `sessions` in the state directory, a line each: `host:port TAB user TAB token`, the one used last at
// the end. Lines that are not so are kept out. Whether a token is still good is for the server to say.
#pragma once

#include <optional>
#include <string>
#include <system_error>
#include <tl/expected.hpp>

#include "dictcli/state_directory.h"

namespace dictcli {

struct RememberedLogin {
  std::string user, token;
};

// Of one server ("host:port"). A value; any thread. `directory` outlives it.
class SessionFile {
 public:
  SessionFile(const StateDirectory& directory, std::string server)
      : directory_(directory), server_(std::move(server)) {}

  // Of this user, or of whoever was remembered last.
  [[nodiscard]] std::optional<RememberedLogin> find(const std::optional<std::string>& user) const;
  [[nodiscard]] tl::expected<void, std::error_code> remember(const RememberedLogin& login) const;
  // Writes nothing when there is nothing to forget.
  [[nodiscard]] tl::expected<void, std::error_code> forget(const std::string& user) const;
  [[nodiscard]] std::string path() const { return directory_.file("sessions"); }

 private:
  const StateDirectory& directory_;
  std::string server_;
};

}  // namespace dictcli
