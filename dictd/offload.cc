#include "dictd/offload.h"

#include <spdlog/spdlog.h>

namespace dictd {
namespace {

tl::unexpected<Error> unavailable() {
  return failure(ErrorCode::kUnavailable, "the database does not answer; nothing was done, try again in a moment");
}

}  // namespace

tl::unexpected<Error> failure(ErrorCode code, std::string message) {
  return tl::unexpected(Error{code, std::move(message)});
}

tl::unexpected<Error> not_logged_in() { return failure(ErrorCode::kNotLoggedIn, "log in first"); }

tl::unexpected<Error> overloaded() {
  return failure(ErrorCode::kOverloaded, "too many requests wait already; try again in a moment");
}

tl::unexpected<Error> internal() {
  return failure(ErrorCode::kInternal, "the server made a mistake, which its log tells of");
}

tl::unexpected<Error> translate(const StoreError& error) {
  if (error.kind == StoreError::Kind::kUnavailable) {
    spdlog::debug("the database is unavailable: {}", error.message);
    return unavailable();
  }
  spdlog::error("the database refused: {}", error.message);
  return internal();
}

void Offload::log_exception(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& exception) {
    spdlog::error("a job failed: {}", exception.what());
  } catch (...) {
    spdlog::error("a job failed with an unknown exception");
  }
}

}  // namespace dictd
