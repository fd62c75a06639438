// Work that the loop hands to a pool, and whose result comes back to the loop: what needs the database, and what needs a
// processor for long.
//
// A callback is called exactly once, on the loop; at once, before the method returns, when the pool's queue is full.
// What goes wrong is an Error for the client, and a line in the log for the operator.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include "dictd/error.h"
#include "dictd/store.h"
#include "reactor/pool.h"

namespace dictd {

template <typename T>
using Done = std::function<void(Result<T>)>;

// Errors that several use cases answer with.
[[nodiscard]] tl::unexpected<Error> failure(ErrorCode code, std::string message);
[[nodiscard]] tl::unexpected<Error> not_logged_in();
[[nodiscard]] tl::unexpected<Error> overloaded();
[[nodiscard]] tl::unexpected<Error> internal();

// What a client is told of an error of the database.
[[nodiscard]] tl::unexpected<Error> translate(const StoreError& error);
template <typename T>
[[nodiscard]] Result<T> translate(StoreResult<T> result) {
  if (!result) return translate(result.error());
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(*result);
  }
}

// The loop thread's. Pools and stores outlive it, and the pools have ended when it does.
class Offload {
 public:
  // The database pool's worker N uses stores[N].
  Offload(reactor::Pool& database, std::span<const std::unique_ptr<Store>> stores, reactor::Pool& cpu)
      : database_(database), stores_(stores), cpu_(cpu) {}

  template <typename T>
  void on_database(std::function<StoreResult<T>(Store&)> job, const Done<T>& done) {
    const bool taken =
        database_.submit([job = std::move(job), stores = stores_](std::size_t worker) { return job(*stores[worker]); },
                         [done](tl::expected<StoreResult<T>, std::exception_ptr> outcome) {
                           if (outcome) return done(translate(std::move(*outcome)));
                           log_exception(outcome.error());
                           done(internal());
                         });
    if (!taken) done(overloaded());
  }

  template <typename T>
  void on_cpu(std::function<T()> job, const Done<T>& done) {
    const bool taken = cpu_.submit([job = std::move(job)](std::size_t /*worker*/) { return job(); },
                                   [done](tl::expected<T, std::exception_ptr> outcome) {
                                     if (outcome) return done(std::move(*outcome));
                                     log_exception(outcome.error());
                                     done(internal());
                                   });
    if (!taken) done(overloaded());
  }

 private:
  static void log_exception(const std::exception_ptr& thrown);

  reactor::Pool& database_;
  std::span<const std::unique_ptr<Store>> stores_;
  reactor::Pool& cpu_;
};

}  // namespace dictd
